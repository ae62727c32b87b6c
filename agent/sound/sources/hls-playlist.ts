import { LoaError } from '../../core/errors.js';

/** A part of a resource (EXT-X-BYTERANGE, RFC 8216, 4.3.2.2). */
interface Range {
  readonly offset: number;
  readonly length: number;
}

/** What a decoder needs before the first segment (EXT-X-MAP, 4.3.2.5). */
export interface HlsMap {
  readonly uri: string;
  readonly range?: Range;
}

/** One media segment. Addresses are as the playlist writes them. */
export interface HlsSegment {
  readonly sequence: number;
  readonly uri: string;
  readonly durationMs: number;
  readonly range?: Range;
  readonly map?: HlsMap;
  /** It does not continue the one before it: other encoding or time line. */
  readonly discontinuity: boolean;
  /** It is known to be missing (EXT-X-GAP). */
  readonly gap: boolean;
}

/** A media playlist (4.3.3). */
export interface MediaPlaylist {
  readonly kind: 'media';
  readonly targetMs: number;
  /** No segment will be added. */
  readonly complete: boolean;
  readonly segments: readonly HlsSegment[];
}

/** One choice of a master playlist (4.3.4.2): the address of its media playlist, of the sound alone where that is apart. */
export interface HlsVariant {
  readonly uri: string;
  readonly bandwidth: number;
  readonly audioOnly: boolean;
}

/** A master playlist (4.3.4). */
export interface MasterPlaylist {
  readonly kind: 'master';
  readonly variants: readonly HlsVariant[];
}

/** Most bytes of a playlist. */
export const PLAYLIST_LIMIT_BYTES = 1 << 20;
const LINES = 40_000;
const SEGMENTS = 10_000;
const VARIANTS = 100;
const URI_LIMIT = 2_000;
/** A target duration beyond this is no stream to play. */
const TARGET_LIMIT_S = 120;

/**
 * Reads a playlist (RFC 8216, 4). Strict: what is malformed, encrypted or beyond the bounds is refused as a whole; tags
 * that are unknown are ignored, as 6.3.1 asks. Pure.
 * @throws LoaError `E_MEDIA_FORMAT`
 */
export function parsePlaylist(text: string): MediaPlaylist | MasterPlaylist {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '#EXTM3U') throw malformed('it does not begin with #EXTM3U');
  if (lines.length > LINES) throw malformed(`more than ${LINES} lines`);
  const master = lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'));
  if (master && lines.some((line) => line.startsWith('#EXTINF:')))
    throw malformed('it is master and media playlist at once');
  return master ? parseMaster(lines) : new MediaReader().read(lines);
}

/** The variant to play: sound alone rather than with pictures, then the lowest bandwidth. @throws LoaError `E_MEDIA_FORMAT` */
export function chooseVariant({ variants }: MasterPlaylist): HlsVariant {
  const [best] = [...variants].sort(
    (a, b) => Number(b.audioOnly) - Number(a.audioOnly) || a.bandwidth - b.bandwidth,
  );
  if (best === undefined) throw malformed('no variant');
  return best;
}

class MediaReader {
  readonly #segments: HlsSegment[] = [];
  #targetMs: number | undefined;
  #complete = false;
  #sequence = 0;
  #durationMs: number | undefined;
  #discontinuity = false;
  #gap = false;
  #range: { length: number; offset: number | undefined } | undefined;
  #map: HlsMap | undefined;
  /** Where the next range of a resource begins that names no offset. */
  #rangeEnd = { uri: '', at: 0 };

  read(lines: readonly string[]): MediaPlaylist {
    for (const line of lines) {
      if (line.startsWith('#EXT')) this.#tag(line.trimEnd());
      else if (line.trim() !== '' && !line.startsWith('#')) this.#segment(line.trim());
    }
    if (this.#targetMs === undefined) throw malformed('no EXT-X-TARGETDURATION');
    return { kind: 'media', targetMs: this.#targetMs, complete: this.#complete, segments: this.#segments };
  }

  #tag(line: string): void {
    const colon = line.indexOf(':');
    const [name, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    switch (name) {
      case '#EXTINF':
        this.#durationMs = 1000 * decimal(/^([\d.]{1,12})(?:,|$)/.exec(value)?.[1], name, 0, 3_600);
        return;
      case '#EXT-X-TARGETDURATION':
        this.#targetMs = 1000 * whole(value, name, 1, TARGET_LIMIT_S);
        return;
      case '#EXT-X-MEDIA-SEQUENCE':
        if (this.#segments.length > 0) throw malformed(`${name} after a segment`);
        this.#sequence = whole(value, name, 0, Number.MAX_SAFE_INTEGER - SEGMENTS);
        return;
      case '#EXT-X-DISCONTINUITY':
        this.#discontinuity = true;
        return;
      case '#EXT-X-GAP':
        this.#gap = true;
        return;
      case '#EXT-X-ENDLIST':
        this.#complete = true;
        return;
      case '#EXT-X-BYTERANGE':
        this.#range = rangeOf(value);
        return;
      case '#EXT-X-MAP':
        this.#map = mapOf(value);
        return;
      case '#EXT-X-KEY':
        if (attributesOf(value).get('METHOD') !== 'NONE') throw malformed('it is encrypted');
        return;
      default:
        return;
    }
  }

  #segment(line: string): void {
    const uri = checkedUri(line);
    if (this.#durationMs === undefined) throw malformed('a segment without EXTINF');
    if (this.#segments.length >= SEGMENTS) throw malformed(`more than ${SEGMENTS} segments`);
    const range = this.#range === undefined ? undefined : this.#rangeIn(uri, this.#range);
    this.#segments.push({
      ...{ sequence: this.#sequence, uri, durationMs: this.#durationMs },
      ...{ discontinuity: this.#discontinuity, gap: this.#gap },
      ...(range === undefined ? {} : { range }),
      ...(this.#map === undefined ? {} : { map: this.#map }),
    });
    this.#sequence += 1;
    this.#durationMs = undefined;
    this.#range = undefined;
    this.#discontinuity = false;
    this.#gap = false;
  }

  #rangeIn(uri: string, { length, offset }: { length: number; offset: number | undefined }): Range {
    if (offset === undefined && this.#rangeEnd.uri !== uri) throw malformed('a byte range without its begin');
    const at = offset ?? this.#rangeEnd.at;
    this.#rangeEnd = { uri, at: at + length };
    return { offset: at, length };
  }
}

function parseMaster(lines: readonly string[]): MasterPlaylist {
  const sounds = new Map<string, string>();
  for (const line of lines) {
    if (!line.startsWith('#EXT-X-MEDIA:')) continue;
    const attributes = attributesOf(line.slice('#EXT-X-MEDIA:'.length));
    const [group, uri] = [attributes.get('GROUP-ID'), attributes.get('URI')];
    if (attributes.get('TYPE') !== 'AUDIO' || group === undefined || uri === undefined) continue;
    if (!sounds.has(group) || attributes.get('DEFAULT') === 'YES') sounds.set(group, checkedUri(uri));
  }
  const variants: HlsVariant[] = [];
  let streamInf: string | undefined;
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) streamInf = line.slice('#EXT-X-STREAM-INF:'.length).trimEnd();
    else if (streamInf !== undefined && line.trim() !== '' && !line.startsWith('#')) {
      if (variants.length >= VARIANTS) throw malformed(`more than ${VARIANTS} variants`);
      variants.push(variantOf(streamInf, checkedUri(line.trim()), sounds));
      streamInf = undefined;
    }
  }
  if (variants.length === 0) throw malformed('no variant');
  return { kind: 'master', variants };
}

function variantOf(streamInf: string, uri: string, sounds: ReadonlyMap<string, string>): HlsVariant {
  const attributes = attributesOf(streamInf);
  const bandwidth = whole(attributes.get('BANDWIDTH') ?? '', 'BANDWIDTH', 1, Number.MAX_SAFE_INTEGER);
  const apart = sounds.get(attributes.get('AUDIO') ?? '');
  const codecs = (attributes.get('CODECS') ?? '').split(',').map((one) => one.trim());
  const heard = codecs.every((codec) => /^(?:mp4a\.|mp3|flac|fLaC|opus|Opus)/.test(codec));
  return { uri: apart ?? uri, bandwidth, audioOnly: apart !== undefined || heard };
}

/** An attribute list (4.2): NAME=value or NAME="value", separated by commas. */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  const pattern = /([A-Z0-9-]{1,64})=(?:"([^"]*)"|([^",]*))(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw malformed('an attribute list');
    const [, name = '', quoted, bare] = match;
    attributes.set(name, quoted ?? bare ?? '');
  }
  return attributes;
}

function mapOf(value: string): HlsMap {
  const attributes = attributesOf(value);
  const [uri, byteRange] = [attributes.get('URI'), attributes.get('BYTERANGE')];
  if (uri === undefined) throw malformed('EXT-X-MAP without URI');
  if (byteRange === undefined) return { uri: checkedUri(uri) };
  const { length, offset } = rangeOf(byteRange);
  return { uri: checkedUri(uri), range: { length, offset: offset ?? 0 } };
}

function rangeOf(value: string): { length: number; offset: number | undefined } {
  const [, length = '', offset] = /^(\d{1,12})(?:@(\d{1,12}))?$/.exec(value) ?? [];
  return {
    length: whole(length, 'a byte range', 1, 2 ** 40),
    offset: offset === undefined ? undefined : Number(offset),
  };
}

function checkedUri(uri: string): string {
  if (uri === '' || uri.length > URI_LIMIT) throw malformed('an address that is empty or too long');
  return uri;
}

function whole(text: string, name: string, least: number, most: number): number {
  if (!/^\d{1,16}$/.test(text)) throw malformed(`${name} is no number`);
  return decimal(text, name, least, most);
}

function decimal(text: string | undefined, name: string, least: number, most: number): number {
  const value = Number(text ?? NaN);
  if (!(value >= least && value <= most)) throw malformed(`${name} is not within ${least} to ${most}`);
  return value;
}

function malformed(why: string): LoaError {
  return new LoaError('E_MEDIA_FORMAT', `HLS playlist: ${why}`);
}
