import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { frameAt, type Card, type CardEvent } from '../fixtures/sound-card/card.js';
import { waitUntil } from '../support/wait-until.js';

/** The card moves what was heard to its file every 5 ms; so long after a moment, that moment is in the file. */
const FLUSH_MS = 60;

/** CLOCK_MONOTONIC in milliseconds, the scale of the card. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A stretch of what was at the loudspeaker; frame 0 of `samples` was there at `fromMs` (monotonic). */
export interface Heard {
  readonly samples: Float32Array;
  readonly rateHz: number;
  readonly fromMs: number;
}

/** The instant of a frame of a stretch, monotonic milliseconds. */
export function instantIn(heard: Heard, frame: number): number {
  return heard.fromMs + (frame * 1000) / heard.rateHz;
}

interface Side {
  readonly t0MonotonicMs: number;
  readonly rateHz: number;
  readonly channels: number;
}

/**
 * The card's record read piece by piece: runs of hours are longer than {@link Card.timeline} gives, and reading all of
 * it for each of a thousand events would load the machine that is measured.
 */
export class CardRecord {
  readonly card: Card;
  #side: Side | undefined;

  constructor(card: Card) {
    this.card = card;
  }

  /** What was heard between two instants (monotonic milliseconds), silence where nothing was; waits until it is over. */
  async between(fromMs: number, toMs: number): Promise<Heard> {
    const waitMs = toMs + FLUSH_MS - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    const side = await this.#known();
    if (side === undefined) {
      const frames = Math.max(0, Math.round((toMs - fromMs) * 48));
      return { samples: new Float32Array(frames), rateHz: 48_000, fromMs };
    }
    const from = Math.max(0, frameAt(side, fromMs));
    const to = Math.max(from, frameAt(side, toMs));
    return {
      samples: await readFrames(this.card.env.LOA_CARD_PCM, side.channels, from, to),
      rateHz: side.rateHz,
      fromMs: side.t0MonotonicMs + (from * 1000) / side.rateHz,
    };
  }

  /**
   * The first instant from `fromMs` on at which a sample is louder than `level` (linear), monotonic milliseconds.
   * @throws Error where there is none within `limitMs`
   */
  async firstSound(fromMs: number, limitMs: number, level = 0.003): Promise<number> {
    let at = fromMs;
    return waitUntil(
      'a sample on the card',
      async () => {
        const untilMs = monotonicMs() - FLUSH_MS;
        if (untilMs <= at) return undefined;
        const heard = await this.between(at, untilMs);
        const frame = heard.samples.findIndex((sample) => Math.abs(sample) > level);
        at = untilMs;
        return frame < 0 ? undefined : instantIn(heard, frame);
      },
      { deadlineMs: Math.max(0, fromMs + limitMs + FLUSH_MS - monotonicMs()), everyMs: 25 },
    );
  }

  /** Waits until nothing louder than `level` was heard for the last `forMs`. */
  async untilQuiet(forMs: number, limitMs: number, level = 0.003): Promise<void> {
    await waitUntil(
      `${forMs} ms of silence on the card`,
      async () => {
        const untilMs = monotonicMs() - FLUSH_MS;
        const { samples } = await this.between(untilMs - forMs, untilMs);
        return samples.every((sample) => Math.abs(sample) <= level);
      },
      { deadlineMs: limitMs, everyMs: 40 },
    );
  }

  /** Waits until `test` is true of the last `forMs`. @throws Error naming `what` */
  async until(what: string, forMs: number, test: (heard: Heard) => boolean, limitMs: number): Promise<void> {
    await waitUntil(
      what,
      async () => {
        const untilMs = monotonicMs() - FLUSH_MS;
        return test(await this.between(untilMs - forMs, untilMs));
      },
      { deadlineMs: limitMs, everyMs: 40 },
    );
  }

  /** The card's underruns between two instants. */
  async underruns(fromMs: number, toMs: number): Promise<CardEvent[]> {
    const events = await this.card.events();
    return events.filter(({ event, ns }) => event === 'xrun' && ns / 1e6 >= fromMs && ns / 1e6 <= toMs);
  }

  /** The card's buffer as each stream asked for it, milliseconds, oldest first, repetitions left out. */
  async buffersMs(): Promise<number[]> {
    const all = (await this.card.events()).flatMap(({ bufferFrames, rateHz }) =>
      bufferFrames === undefined || rateHz === undefined ? [] : [Math.round((bufferFrames * 1000) / rateHz)],
    );
    return all.filter((one, index) => one !== all[index - 1]);
  }

  async #known(): Promise<Side | undefined> {
    if (this.#side !== undefined) return this.#side;
    const text = await readFile(`${this.card.env.LOA_CARD_PCM}.json`, 'utf8').catch(absent);
    if (text === '') return undefined;
    const { t0Ns, rateHz, channels } = JSON.parse(text) as { t0Ns: number; rateHz: number; channels: number };
    this.#side = { t0MonotonicMs: t0Ns / 1e6, rateHz, channels };
    return this.#side;
  }
}

function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

async function readFrames(path: string, channels: number, from: number, to: number): Promise<Float32Array> {
  const samples = new Float32Array(to - from);
  const bytes = Buffer.alloc(samples.length * 2 * channels);
  const file = await open(path, 'r');
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from * 2 * channels);
    const held = Math.floor(bytesRead / (2 * channels));
    for (let frame = 0; frame < held; frame += 1) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel += 1)
        sum += bytes.readInt16LE((frame * channels + channel) * 2);
      samples[frame] = sum / (32_768 * channels);
    }
  } finally {
    await file.close();
  }
  return samples;
}
