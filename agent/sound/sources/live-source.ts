import type { Clock } from '../../core/clock.js';
import { LoaError, type Refusal } from '../../core/errors.js';
import { framesOf } from '../../core/units.js';
import type { MakeDecoder } from '../decoders/decoder.js';
import { IcyStripper } from '../icy-stripper.js';
import { PcmRing } from '../pcm-ring.js';
import { openBytes, type MediaAccess } from './http-bytes.js';
import { pause } from './pause.js';
import { asRefusal, PcmFeed } from './pcm-feed.js';
import type { Source, SourceHooks } from './source.js';

/** Settings of a live source. */
export interface LiveSettings {
  readonly access: MediaAccess;
  /** Sound to have before it begins, milliseconds. */
  readonly prerollMs: number;
}

/** What a live source needs from outside. */
export interface SourceParts {
  readonly makeDecoder: MakeDecoder;
  readonly clock: Clock;
  readonly random: () => number;
}

const RING_MS = 8_000;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 8_000;

/**
 * A live stream: connects again for as long as it is open, with a delay that doubles from 0.5 to 8 s. It keeps its own
 * time line: while it is not heard its frames are dropped, so that it comes back where the stream is by then.
 */
export class LiveSource implements Source {
  readonly live = true;
  readonly ended = false;
  readonly failure = undefined;
  reconnects = 0;
  readonly #ring = new PcmRing(framesOf(RING_MS));
  readonly #abort = new AbortController();
  readonly #prerollFrames: number;
  #feed: PcmFeed | undefined;
  #buffering = true;

  constructor(url: string, settings: LiveSettings, parts: SourceParts, hooks: SourceHooks) {
    this.#prerollFrames = framesOf(settings.prerollMs);
    void this.#run(url, settings.access, parts, hooks);
  }

  get ready(): boolean {
    if (this.#buffering && this.#ring.length >= this.#prerollFrames) this.#buffering = false;
    return !this.#buffering;
  }

  read(into: Float32Array): number {
    if (!this.ready) return 0;
    const frames = this.#ring.pull(into);
    // Run dry: wait until there is a cushion again, instead of stuttering.
    if (frames < into.length) this.#buffering = true;
    this.#feed?.onRead();
    return frames;
  }

  skip(frames: number): void {
    if (!this.ready) return;
    if (this.#ring.skip(frames) < frames) this.#buffering = true;
    this.#feed?.onRead();
  }

  close(): void {
    this.#abort.abort();
  }

  async #run(url: string, access: MediaAccess, parts: SourceParts, hooks: SourceHooks): Promise<void> {
    const { signal } = this.#abort;
    let delayMs = RETRY_MIN_MS;
    while (!signal.aborted) {
      const sinceMs = parts.clock.monotonicMs();
      const refusal = await this.#once(url, access, parts, hooks);
      if (signal.aborted) return;
      hooks.onTrouble(refusal);
      if (parts.clock.monotonicMs() - sinceMs > 30_000) delayMs = RETRY_MIN_MS;
      await pause(parts.clock, delayMs * (0.5 + parts.random() / 2), signal);
      delayMs = Math.min(RETRY_MAX_MS, delayMs * 2);
      this.reconnects += 1;
    }
  }

  /** One connection, to its end; returns why it ended. Its end, clean or not, is a fault while the source is open. */
  async #once(url: string, access: MediaAccess, parts: SourceParts, hooks: SourceHooks): Promise<Refusal> {
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, attempt.signal]);
    try {
      const stream = await openBytes(url, access, signal);
      const feed = new PcmFeed(this.#ring, parts.makeDecoder, stream.contentType, signal);
      this.#feed = feed;
      const icy =
        stream.icyInterval > 0
          ? new IcyStripper(stream.icyInterval, (title) => hooks.onTitle(title))
          : undefined;
      for (let bytes = await stream.next(); bytes !== undefined; bytes = await stream.next()) {
        await feed.write(icy?.strip(bytes) ?? bytes);
      }
      await feed.end();
      throw new LoaError('E_MEDIA_STALL', 'the stream ended');
    } catch (error) {
      return asRefusal(error);
    } finally {
      attempt.abort();
    }
  }
}
