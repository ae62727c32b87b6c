import type { Clock } from '../../core/clock.js';
import { LoaError, type Refusal } from '../../core/errors.js';
import { framesOf, msOf } from '../../core/units.js';
import { isPlaylist } from '../audio-format.js';
import { CUSHION, Cushion, type CushionRange } from '../cushion.js';
import type { MakeDecoder } from '../decoders/decoder.js';
import { IcyStripper } from '../icy-stripper.js';
import { PcmRing } from '../pcm-ring.js';
import { SlowGain } from '../slow-gain.js';
import { Stretcher } from '../stretcher.js';
import { playHls, readText, type HlsPlace } from './hls-reader.js';
import { openBytes, type ByteStream, type MediaAccess } from './http-bytes.js';
import { WANTED_LUFS } from './loudness.js';
import { pause } from './pause.js';
import { asRefusal, PcmFeed } from './pcm-feed.js';
import { retryDelayMs, RETRY_STABLE_MS } from './retry-delay.js';
import type { Source, SourceHooks } from './source.js';

/** Settings of a live source. */
export interface LiveSettings {
  readonly access: MediaAccess;
  /** Sound to have before it begins, milliseconds. */
  readonly prerollMs: number;
  /** A start with less than 250 ms in hand waits this long for the next bytes, milliseconds; 0 where it is left out. */
  readonly settleMs?: number;
  /** How much to have in hand after it has run dry, and to widen to by playing 1 % slower. */
  readonly cushion?: CushionRange;
  /** False: never slower than it came. */
  readonly widen?: boolean;
  /** False: as loud as it came. */
  readonly levelled?: boolean;
}

/** What a live source needs from outside. */
export interface SourceParts {
  /** Awaited before a program is started, so that the sound outlives what that holds up. */
  readonly brace?: () => Promise<void>;
  /** Frames that the card holds and would give back: sound in hand as well. None where it is left out. */
  readonly heldFrames?: () => number;
  readonly makeDecoder: MakeDecoder;
  readonly clock: Clock;
  readonly random: () => number;
}

const RING_MS = 8_000;
/** With so much in hand a start need not wait for more. */
const SAFE_MS = 250;
/** No byte for so long while less than a second is in hand: what stands in for it is got ready. */
const QUIET_MS = 700;
const LOW_MS = 1_000;
/** With more than this in hand a connection is read now and then, not at each packet: a quarter of it, milliseconds. */
const PLENTY_MS = 600;
const LONGEST_REST_MS = 250;
/** It is read with the next sound that is written, so that both wake the thread once; no later than this, milliseconds. */
const REST_MORE_MS = 300;
/** What a burst brings is decoded by then: before, little in hand says nothing. */
const BEGUN_MS = 500;

/**
 * A live stream, of one connection or HLS: connects again for as long as it is open. It keeps its own time line: while it
 * is not heard its frames are dropped, so that it comes back where the stream is by then.
 */
export class LiveSource implements Source {
  readonly live = true;
  readonly failure = undefined;
  reconnects = 0;
  readonly #settings: LiveSettings;
  readonly #parts: SourceParts;
  readonly #hooks: SourceHooks;
  readonly #ring = new PcmRing(framesOf(RING_MS));
  readonly #sound = new Stretcher(this.#ring);
  readonly #cushion: Cushion;
  readonly #gain: SlowGain | undefined;
  readonly #abort = new AbortController();
  readonly #place: HlsPlace = { sequence: undefined, failures: 0 };
  #feed: PcmFeed | undefined;
  #state: 'starting' | 'sounding' | 'dry' = 'starting';
  /** The connection is not read just now: more waits in it than is in hand. */
  #resting = false;
  /** Ends the rest at the first reading after an instant. */
  #rested: { readonly atMs: number; readonly end: () => void } | undefined;
  #firstSoundMs: number | undefined;
  #soundingMs = 0;
  #bytesMs: number;
  #connected = true;
  #complete = false;
  #fadesIn = false;

  constructor(url: string, settings: LiveSettings, parts: SourceParts, hooks: SourceHooks) {
    this.#settings = settings;
    this.#parts = parts;
    this.#hooks = hooks;
    this.#bytesMs = parts.clock.monotonicMs();
    this.#cushion = new Cushion(settings.cushion ?? CUSHION, this.#bytesMs);
    this.#gain = settings.levelled === false ? undefined : new SlowGain(WANTED_LUFS);
    void this.#run(url);
  }

  get ready(): boolean {
    if (this.#state !== 'sounding' && this.#enough()) {
      this.#state = 'sounding';
      this.#soundingMs = this.#parts.clock.monotonicMs();
    }
    return this.#state === 'sounding';
  }

  /** The end of a complete HLS playlist; any other stream only pauses. */
  get ended(): boolean {
    return this.#complete && this.#sound.length === 0;
  }

  get inHand(): number {
    return this.#state === 'sounding' && !this.#fadesIn ? this.#sound.length : 0;
  }

  get troubled(): boolean {
    if (!this.#connected) return true;
    const quietMs = this.#parts.clock.monotonicMs() - this.#bytesMs;
    return !this.#complete && quietMs > QUIET_MS && this.#sound.length < framesOf(LOW_MS);
  }

  read(into: Float32Array): number {
    if (!this.ready) return 0;
    const frames = this.#sound.read(into, this.#isThin());
    this.#gain?.apply(into.subarray(0, frames));
    if (this.#fadesIn) ramp(into.subarray(0, frames), 0);
    this.#fadesIn = false;
    // With less than a block left the next read would break off: this one fades out.
    if (frames < into.length || this.#sound.length === 0) this.#ranDry(into.subarray(0, frames));
    this.#feed?.onRead();
    this.#endRest();
    return frames;
  }

  skip(frames: number): void {
    if (!this.ready) return;
    if (this.#sound.skip(frames) < frames) this.#ranDry(new Float32Array(0));
    this.#feed?.onRead();
    this.#endRest();
  }

  close(): void {
    this.#abort.abort();
    this.#rested?.end();
  }

  /** Enough in hand to begin, or to begin again. */
  #enough(): boolean {
    const { prerollMs, settleMs = 0 } = this.#settings;
    const held = this.#sound.length;
    if (this.#complete) return held > 0;
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#state === 'dry') return held >= framesOf(this.#cushion.wantedMs(nowMs) / 2);
    if (held < framesOf(prerollMs)) return false;
    this.#firstSoundMs ??= nowMs;
    return held >= framesOf(SAFE_MS) || nowMs - this.#firstSoundMs >= settleMs;
  }

  /** Less in hand than there should be: it is played 1 % slower until there is. */
  #isThin(): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    if (
      this.#settings.widen === false ||
      this.#complete ||
      this.#resting ||
      nowMs - this.#soundingMs < BEGUN_MS
    )
      return false;
    return this.#inHand < framesOf(this.#cushion.wantedMs(nowMs));
  }

  /** Run dry: wait until there is a cushion again, instead of stuttering. */
  #ranDry(last: Float32Array): void {
    if (this.#complete) return;
    ramp(last, 1);
    this.#fadesIn = true;
    this.#state = 'dry';
    this.#cushion.ranDry(this.#parts.clock.monotonicMs());
  }

  async #run(url: string): Promise<void> {
    const { signal } = this.#abort;
    const { clock, random } = this.#parts;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const sinceMs = clock.monotonicMs();
      const refusal = await this.#once(url);
      if (refusal === undefined || signal.aborted) return;
      this.#connected = false;
      this.#hooks.onTrouble(refusal);
      if (clock.monotonicMs() - sinceMs > RETRY_STABLE_MS) failures = 1;
      await pause(clock, retryDelayMs(failures, random()), signal);
      this.reconnects += 1;
    }
  }

  /** One connection, to its end; returns why it ended, or nothing where all of it has been given. */
  async #once(url: string): Promise<Refusal | undefined> {
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, attempt.signal]);
    try {
      const stream = await openBytes(url, this.#settings.access, signal);
      const head = await this.#head(stream);
      if (isPlaylist(head, true) === true) {
        await this.#playHls(stream, head, signal);
        this.#complete = true;
        return undefined;
      }
      await this.#playStream(stream, head, signal);
      // Clean or not, its end is a fault while the source is open.
      throw new LoaError('E_MEDIA_STALL', 'the stream ended');
    } catch (error) {
      return asRefusal(error);
    } finally {
      attempt.abort();
    }
  }

  async #head(stream: ByteStream): Promise<Buffer> {
    let head = Buffer.alloc(0);
    while (isPlaylist(head, false) === undefined) {
      const bytes = await stream.next();
      if (bytes === undefined) break;
      this.#came();
      head = Buffer.concat([head, bytes]);
    }
    return head;
  }

  async #playStream(stream: ByteStream, head: Uint8Array, signal: AbortSignal): Promise<void> {
    const feed = this.#newFeed(stream.contentType, signal);
    const { icyInterval } = stream;
    const icy =
      icyInterval > 0 ? new IcyStripper(icyInterval, (title) => this.#hooks.onTitle(title)) : undefined;
    for (let bytes: Uint8Array | undefined = head; bytes !== undefined; bytes = await stream.next()) {
      if (bytes.length > 0) this.#came();
      await feed.write(icy?.strip(bytes) ?? bytes);
      await this.#rest(stream, signal);
    }
    await feed.end();
  }

  /**
   * With enough in hand nothing is gained by taking each packet as it comes, and each costs a wake: it is read a few times a second.
   * Short beside what is in hand and beside what counts as quiet, so that a stall is seen as soon as before.
   */
  async #rest(stream: ByteStream, signal: AbortSignal): Promise<void> {
    const heldMs = msOf(this.#inHand);
    if (this.#state !== 'sounding' || heldMs < PLENTY_MS) return;
    const { clock } = this.#parts;
    const restMs = Math.min(LONGEST_REST_MS, heldMs / 4);
    stream.rest();
    this.#resting = true;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(restMs + REST_MORE_MS, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      this.#rested = { atMs: clock.monotonicMs() + restMs, end };
      // Closed meanwhile: there is nobody who reads.
      if (signal.aborted) end();
    });
    this.#rested = undefined;
    this.#resting = false;
  }

  #endRest(): void {
    if (this.#rested !== undefined && this.#parts.clock.monotonicMs() >= this.#rested.atMs)
      this.#rested.end();
  }

  /** Frames to come of what has been received: here, and in the card as far as it would give them back. */
  get #inHand(): number {
    return this.#sound.length + (this.#parts.heldFrames?.() ?? 0);
  }

  async #playHls(stream: ByteStream, head: Uint8Array, signal: AbortSignal): Promise<void> {
    const { url } = stream;
    const text = await readText(stream, head);
    const { access } = this.#settings;
    const newFeed = (): PcmFeed => this.#newFeed(undefined, signal);
    const parts = { access, clock: this.#parts.clock, newFeed, onBytes: () => this.#came() };
    await playHls({ url, text }, this.#place, parts, signal);
  }

  #newFeed(contentType: string | undefined, signal: AbortSignal): PcmFeed {
    this.#feed = new PcmFeed(this.#ring, this.#parts.makeDecoder, contentType, signal);
    return this.#feed;
  }

  #came(): void {
    this.#connected = true;
    this.#bytesMs = this.#parts.clock.monotonicMs();
  }
}

/** Fades a block in (from 0) or out (from 1), in place. */
function ramp(block: Float32Array, from: 0 | 1): void {
  for (let i = 0; i < block.length; i += 1)
    block[i] = (block[i] as number) * Math.abs(from - i / block.length);
}
