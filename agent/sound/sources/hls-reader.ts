import type { Clock } from '../../core/clock.js';
import { LoaError } from '../../core/errors.js';
import { id3Bytes } from '../audio-format.js';
import {
  chooseVariant,
  parsePlaylist,
  PLAYLIST_LIMIT_BYTES,
  type HlsMap,
  type HlsSegment,
  type MasterPlaylist,
  type MediaPlaylist,
} from './hls-playlist.js';
import { addressWithin, openBytes, type ByteRange, type ByteStream, type MediaAccess } from './http-bytes.js';
import { pause } from './pause.js';
import type { PcmFeed } from './pcm-feed.js';

/** Most bytes of one segment: a minute of sound at 512 kb/s is 4 MB; with pictures it may be more. */
const SEGMENT_LIMIT_BYTES = 16 << 20;
/** A live stream is begun so many segments before its end (RFC 8216, 6.3.3). */
const BEHIND = 3;
/** So often one segment is asked for; then it is left out. */
const TRIES = 3;
const LONGEST_LIST_MS = 60_000;

/** Where a stream was left, so that the next connection goes on there. */
export interface HlsPlace {
  /** The last segment that was given, or given up. */
  sequence: number | undefined;
  failures: number;
}

/** What playing HLS needs. */
export interface HlsParts {
  readonly access: MediaAccess;
  readonly clock: Clock;
  /** Makes the feed of a run of segments that belong together; the one before it has ended. */
  readonly newFeed: () => PcmFeed;
  /** Bytes have come. */
  readonly onBytes: () => void;
}

/**
 * Plays an HLS stream (RFC 8216), live or complete, into feeds: one for each run of segments without a discontinuity.
 * Playlists and segments come from the host that answered and over its scheme, or not at all. Resolves when a complete
 * playlist has been given to its end.
 * @throws LoaError `E_MEDIA_*`; the caller connects again, and it goes on at `place`
 */
export async function playHls(
  first: { readonly url: string; readonly text: string },
  place: HlsPlace,
  parts: HlsParts,
  signal: AbortSignal,
): Promise<void> {
  const reader = new HlsReader(place, parts, signal);
  const media = await reader.mediaOf(first);
  await reader.play(media.url, media.playlist);
}

/** Reads the rest of a playlist whose head has come. @throws LoaError `E_MEDIA_SIZE`, `E_MEDIA_STALL`, `E_MEDIA_CONNECT` */
export async function readText(stream: ByteStream, head: Uint8Array): Promise<string> {
  return (await readAll(stream, PLAYLIST_LIMIT_BYTES, head)).toString('utf8');
}

class HlsReader {
  readonly #place: HlsPlace;
  readonly #parts: HlsParts;
  readonly #signal: AbortSignal;
  #feed: PcmFeed | undefined;
  #map: HlsMap | undefined;

  constructor(place: HlsPlace, parts: HlsParts, signal: AbortSignal) {
    this.#place = place;
    this.#parts = parts;
    this.#signal = signal;
  }

  /** The media playlist: the one given, or that of the lowest variant. */
  async mediaOf(given: { url: string; text: string }): Promise<{ url: string; playlist: MediaPlaylist }> {
    const found = parsePlaylist(given.text);
    if (found.kind === 'media') return { url: given.url, playlist: found };
    const url = addressWithin(chooseVariant(found).uri, given.url, this.#parts.access);
    const below = await this.#playlist(url);
    if (below.kind === 'master')
      throw new LoaError('E_MEDIA_FORMAT', 'HLS playlist: a master within a master');
    return { url, playlist: below };
  }

  async play(url: string, first: MediaPlaylist): Promise<void> {
    const { clock, access } = this.#parts;
    let playlist = first;
    this.#start(first);
    let loadedMs = clock.monotonicMs();
    let newestMs = loadedMs;
    while (!this.#signal.aborted) {
      const fresh = this.#fresh(playlist);
      for (const segment of fresh) await this.#segment(segment, url);
      if (playlist.complete) break;
      if (fresh.length > 0) newestMs = clock.monotonicMs();
      const stalledMs = clock.monotonicMs() - newestMs;
      if (stalledMs > Math.min(LONGEST_LIST_MS, 1.5 * playlist.targetMs + access.stallMs))
        throw new LoaError('E_MEDIA_STALL', `no new segment for ${Math.round(stalledMs)} ms`);
      // RFC 8216, 6.3.4: the target duration after a change, half of it where nothing had changed.
      const waitMs = playlist.targetMs / (fresh.length > 0 ? 1 : 2) - (clock.monotonicMs() - loadedMs);
      await pause(clock, Math.max(200, waitMs), this.#signal);
      if (this.#signal.aborted) return;
      loadedMs = clock.monotonicMs();
      const next = await this.#playlist(url);
      if (next.kind === 'master') throw new LoaError('E_MEDIA_FORMAT', 'HLS playlist: it became a master');
      playlist = next;
    }
    await this.#feed?.end();
  }

  /** Where to begin: three segments before the end of a live stream, at the beginning of a complete one, or where it was left. */
  #start({ segments, complete }: MediaPlaylist): void {
    const [oldest, newest] = [segments[0]?.sequence ?? 0, segments.at(-1)?.sequence ?? 0];
    const known = this.#place.sequence;
    if (known !== undefined && known >= oldest - 1 && known <= newest + BEHIND) return;
    this.#place.sequence = complete ? oldest - 1 : Math.max(oldest - 1, newest - BEHIND);
  }

  #fresh(playlist: MediaPlaylist): readonly HlsSegment[] {
    const newest = playlist.segments.at(-1)?.sequence;
    // A stream that was started anew counts from the beginning again.
    if (newest !== undefined && newest < (this.#place.sequence ?? 0) - BEHIND) {
      this.#place.sequence = undefined;
      this.#start(playlist);
      this.#map = undefined;
    }
    return playlist.segments.filter(({ sequence }) => sequence > (this.#place.sequence ?? -1));
  }

  async #segment(segment: HlsSegment, base: string): Promise<void> {
    if (this.#signal.aborted) return;
    if (!segment.gap) {
      const bytes = await this.#fetched(segment, base);
      if (bytes !== undefined) await this.#give(segment, bytes, base);
    }
    this.#place.sequence = segment.sequence;
    this.#place.failures = 0;
  }

  /** The segment's bytes; undefined where it could not be had so often that it is left out. */
  async #fetched(segment: HlsSegment, base: string): Promise<Buffer | undefined> {
    try {
      return await this.#bytes(segment.uri, base, segment.range);
    } catch (error) {
      const refused = error instanceof LoaError && error.code === 'E_MEDIA_STATUS';
      this.#place.failures += 1;
      if (refused && this.#place.failures >= TRIES) return undefined;
      throw error;
    }
  }

  async #give(segment: HlsSegment, bytes: Buffer, base: string): Promise<void> {
    const { map } = segment;
    const otherMap = map?.uri !== this.#map?.uri || map?.range?.offset !== this.#map?.range?.offset;
    const init = map !== undefined && (otherMap || segment.discontinuity || this.#feed === undefined);
    const start = init ? await this.#bytes(map.uri, base, map.range) : undefined;
    if (this.#feed === undefined || segment.discontinuity || otherMap) {
      await this.#feed?.end();
      this.#feed = this.#parts.newFeed();
      this.#map = map;
    }
    if (start !== undefined) await this.#feed.write(start);
    // Packed audio begins with a time stamp in an ID3 tag (RFC 8216, 3.4): no sound.
    const tag = bytes.toString('latin1', 0, 3) === 'ID3' ? id3Bytes(bytes) : 0;
    await this.#feed.write(bytes.subarray(tag));
  }

  async #playlist(url: string): Promise<MediaPlaylist | MasterPlaylist> {
    const stream = await openBytes(url, this.#parts.access, this.#signal);
    try {
      return parsePlaylist(await readText(stream, new Uint8Array(0)));
    } finally {
      stream.close();
    }
  }

  async #bytes(uri: string, base: string, range: ByteRange | undefined): Promise<Buffer> {
    const { access, onBytes } = this.#parts;
    const stream = await openBytes(addressWithin(uri, base, access), access, this.#signal, { range });
    try {
      const bytes = await readAll(stream, SEGMENT_LIMIT_BYTES, new Uint8Array(0));
      onBytes();
      return bytes;
    } finally {
      stream.close();
    }
  }
}

async function readAll(stream: ByteStream, limit: number, head: Uint8Array): Promise<Buffer> {
  const pieces: Uint8Array[] = [head];
  let total = head.length;
  for (let bytes = await stream.next(); bytes !== undefined; bytes = await stream.next()) {
    total += bytes.length;
    if (total > limit) throw new LoaError('E_MEDIA_SIZE', `over ${limit} bytes`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}
