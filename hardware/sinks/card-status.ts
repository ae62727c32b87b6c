import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';

/** What the kernel tells of a playing card. */
export interface CardStatus {
  readonly running: boolean;
  /** When it began, in the kernel's words: another text, another count of frames. */
  readonly begun: string;
  /** Frames played since the card was prepared, in the driver's count. */
  readonly playedFrames: number;
  /** Frames given to the card, in the same count. */
  readonly givenFrames: number;
  /** Monotonic instant at which that was so, milliseconds. */
  readonly atMs: number;
}

const LONGEST = 1_024;
/** A stamp further from now than this is of another clock. */
const STAMP_LIMIT_MS = 1_000;

/**
 * Reads `/proc/asound/cardN/pcmNp/subN/status` of the card that a process plays on (Linux, `sound/core/pcm.c`,
 * `snd_pcm_substream_proc_status_read`; the driver needs CONFIG_SND_VERBOSE_PROCFS, which distributions set).
 */
export class CardStatusFile {
  readonly #folder: string;
  readonly #owner: number;
  readonly #buffer = Buffer.alloc(LONGEST);
  #file: number | undefined;

  /** @param ownerPid the process that has the card open */
  constructor(folder: string, ownerPid: number) {
    this.#folder = folder;
    this.#owner = ownerPid;
  }

  /** Undefined where no card is played on by that process, or the kernel does not tell. */
  read(): CardStatus | undefined {
    this.#file ??= this.#find();
    if (this.#file === undefined) return undefined;
    const beforeMs = systemClock.monotonicMs();
    try {
      const length = readSync(this.#file, this.#buffer, 0, LONGEST, 0);
      const status = parseStatus(this.#buffer.toString('latin1', 0, length), beforeMs);
      if (status?.owner === this.#owner) return status;
    } catch {
      // The card went with its file; the caller is told that its position is not known.
    }
    this.close();
    return undefined;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #find(): number | undefined {
    for (const path of statusPaths(this.#folder)) {
      const text = textOf(path);
      if (text !== undefined && ownerOf(text) === this.#owner) return openSync(path, 'r');
    }
    return undefined;
  }
}

/** The status in the kernel's words; undefined where the card is closed or the text is another. */
export function parseStatus(text: string, nowMs: number): (CardStatus & { owner: number }) | undefined {
  const owner = ownerOf(text);
  const played = /^hw_ptr\s*: (\d+)$/m.exec(text)?.[1];
  const given = /^appl_ptr\s*: (\d+)$/m.exec(text)?.[1];
  if (owner === undefined || played === undefined || given === undefined) return undefined;
  const stamp = /^tstamp\s*: (\d+\.\d+)$/m.exec(text)?.[1];
  const stampMs = Number(stamp ?? NaN) * 1000;
  return {
    owner,
    begun: /^trigger_time\s*: (\S+)$/m.exec(text)?.[1] ?? '',
    running: /^state: RUNNING$/m.test(text),
    playedFrames: Number(played),
    givenFrames: Number(given),
    atMs: Math.abs(nowMs - stampMs) < STAMP_LIMIT_MS ? stampMs : nowMs,
  };
}

function ownerOf(text: string): number | undefined {
  const owner = /^owner_pid\s*: (\d+)$/m.exec(text)?.[1];
  return owner === undefined ? undefined : Number(owner);
}

function statusPaths(folder: string): string[] {
  return namesIn(folder, /^card\d+$/).flatMap((card) =>
    namesIn(join(folder, card), /^pcm\d+p$/).flatMap((pcm) =>
      namesIn(join(folder, card, pcm), /^sub\d+$/).map((sub) => join(folder, card, pcm, sub, 'status')),
    ),
  );
}

function namesIn(folder: string, wanted: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => wanted.test(name));
  } catch {
    // No such folder: a machine without sound in its kernel.
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Gone between the listing and the reading.
    return undefined;
  }
}
