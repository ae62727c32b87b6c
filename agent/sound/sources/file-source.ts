import { open } from 'node:fs/promises';
import type { Clock } from '../../core/clock.js';
import { codeOf, type Refusal } from '../../core/errors.js';
import { framesOf, fromDb } from '../../core/units.js';
import { recognise, SNIFF_BYTES, type AudioFormat } from '../audio-format.js';
import { PcmRing } from '../pcm-ring.js';
import type { SourceParts } from './live-source.js';
import type { MediaStore } from './media-store.js';
import { pause } from './pause.js';
import { asRefusal, PcmFeed } from './pcm-feed.js';
import type { Source, SourceHooks } from './source.js';

const RING_MS = 8_000;
const READ_BYTES = 16_384;
const READY_MS = 200;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 8_000;

/** A file that a signed message names. */
export interface SignedFile {
  readonly url: string;
  readonly sha256: string;
  /** Ask again for as long as the source is open where the server cannot be reached; otherwise fail at once. */
  readonly persistent: boolean;
}

/**
 * A file of the media store: fetched whole and checked against its signed digest before a frame is heard, and played at
 * the fixed gain that its loudness asks for.
 */
export class FileSource implements Source {
  readonly live = false;
  reconnects = 0;
  failure: Refusal | undefined;
  readonly #ring = new PcmRing(framesOf(RING_MS));
  readonly #abort = new AbortController();
  #feed: PcmFeed | undefined;
  #gain = 1;
  #complete = false;

  constructor(file: SignedFile, store: MediaStore, parts: SourceParts, hooks: SourceHooks) {
    void this.#run(file, store, parts, hooks);
  }

  get ready(): boolean {
    return this.#complete ? this.#ring.length > 0 : this.#ring.length >= framesOf(READY_MS);
  }

  get ended(): boolean {
    return this.#complete && this.#ring.length === 0;
  }

  get inHand(): number {
    return this.#ring.length;
  }

  read(into: Float32Array): number {
    const frames = this.#ring.pull(into);
    if (this.#gain !== 1) for (let i = 0; i < frames; i += 1) into[i] = (into[i] as number) * this.#gain;
    this.#feed?.onRead();
    return frames;
  }

  skip(frames: number): void {
    this.#ring.skip(frames);
    this.#feed?.onRead();
  }

  close(): void {
    this.#abort.abort();
  }

  async #run(file: SignedFile, store: MediaStore, parts: SourceParts, hooks: SourceHooks): Promise<void> {
    const { signal } = this.#abort;
    try {
      const path = await this.#fetch(file, store, parts, hooks);
      this.#gain = fromDb(await gainInTime(store.gainDb(path), parts.clock));
      const feed = new PcmFeed(this.#ring, parts.makeDecoder, undefined, signal);
      this.#feed = feed;
      await feedFile(path, feed, signal);
    } catch (error) {
      if (!signal.aborted) this.failure = asRefusal(error);
    } finally {
      this.#complete = true;
    }
  }

  async #fetch(file: SignedFile, store: MediaStore, parts: SourceParts, hooks: SourceHooks): Promise<string> {
    const { signal } = this.#abort;
    for (let delayMs = RETRY_MIN_MS; ; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      try {
        return await store.fetch(file.url, file.sha256, signal);
      } catch (error) {
        const passing = codeOf(error) === 'E_MEDIA_CONNECT' || codeOf(error) === 'E_MEDIA_STALL';
        if (!file.persistent || !passing || signal.aborted) throw error;
        hooks.onTrouble(asRefusal(error));
        this.reconnects += 1;
        await pause(parts.clock, delayMs * (0.5 + parts.random() / 2), signal);
      }
    }
  }
}

/** A file that was not measured when it came waits so long for it; then it is played as it is, and at its level the next time. */
const MEASURE_WAIT_MS = 3_000;

async function gainInTime(gainDb: Promise<number>, clock: Clock): Promise<number> {
  let cancel = (): void => undefined;
  const late = new Promise<number>((resolve) => {
    cancel = clock.after(MEASURE_WAIT_MS, () => resolve(0));
  });
  // What fails after that is nobody's any more.
  gainDb.catch(() => undefined);
  try {
    return await Promise.race([gainDb, late]);
  } finally {
    cancel();
  }
}

/** Gives a file to the feed, to its end. An MP4 is read by ffmpeg itself: its index may stand behind its sound. */
async function feedFile(path: string, feed: PcmFeed, signal: AbortSignal): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const head = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    const format = seekedFormat(head.buffer.subarray(0, head.bytesRead));
    if (format !== undefined) {
      await feed.file({ ...format, path });
      return;
    }
    for (let at = 0; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, at);
      if (signal.aborted) return;
      if (bytesRead === 0) break;
      at += bytesRead;
      await feed.write(buffer.subarray(0, bytesRead));
    }
    await feed.end();
  } finally {
    await handle.close();
  }
}

/** The format of a file that cannot be read from its beginning to its end in one pass; undefined for the others. */
function seekedFormat(head: Uint8Array): (AudioFormat & { decoder: 'ffmpeg' }) | undefined {
  const found = recognise(head, undefined, true);
  if (found?.ok !== true || found.value.format.decoder !== 'ffmpeg') return undefined;
  return found.value.format.demuxer === 'mov' ? found.value.format : undefined;
}
