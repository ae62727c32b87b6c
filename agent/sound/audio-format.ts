import { accepted, refused, type Outcome } from '../core/errors.js';

/** What decodes a source: in the process for MP3 and Ogg Opus, by ffmpeg otherwise. */
export type AudioFormat =
  | { readonly decoder: 'mp3' }
  | { readonly decoder: 'opus' }
  | {
      readonly decoder: 'ffmpeg';
      readonly demuxer: 'aac' | 'ogg' | 'flac' | 'wav' | 'mov' | 'mpegts';
      /** A file on disk that ffmpeg opens itself: the index of an MP4 may stand at its end. */
      readonly path?: string;
    };

/** A format together with how many bytes to drop before its first frame: it may be more than have come yet. */
export interface Recognised {
  readonly format: AudioFormat;
  readonly skipBytes: number;
}

/** Bytes that are enough to recognise any format Loa plays. */
export const SNIFF_BYTES = 8_192;

/**
 * Tells the format from the first bytes, helped by Content-Type for streams that begin in the middle of a frame; never
 * from the address. Undefined: more bytes are needed.
 */
export function recognise(
  head: Uint8Array,
  contentType: string | undefined,
  complete: boolean,
): Outcome<Recognised> | undefined {
  const enough = complete || head.length >= SNIFF_BYTES;
  if (head.length < 4 && !enough) return undefined;
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFF_BYTES)).toString(
    'latin1',
  );
  // A stream joined in the middle of a frame may begin with any one byte: JSON is told by two.
  if (
    /^\s*(<!|<html|<\?xml|\{\s*["}])/i.test(start) ||
    /^text\/html|application\/json/.test(contentType ?? '')
  ) {
    return refused('E_MEDIA_FORMAT', `not sound but ${contentType ?? 'text'}`, { contentType });
  }
  const container = recogniseContainer(start, enough);
  if (container === 'wait') return undefined;
  if (container !== undefined) return accepted({ format: container, skipBytes: 0 });
  const skip = start.startsWith('ID3') ? id3Bytes(head) : 0;
  const frames = skip >= head.length ? undefined : findFrames(head, skip);
  if (frames !== undefined) return accepted(frames);
  if (start.startsWith('ID3') && skip >= head.length) {
    return accepted({ format: { decoder: 'mp3' }, skipBytes: skip });
  }
  if (!enough) return undefined;
  return refused('E_MEDIA_FORMAT', `no known sound in the first ${head.length} bytes`, { contentType });
}

function recogniseContainer(start: string, enough: boolean): AudioFormat | 'wait' | undefined {
  if (start.startsWith('OggS')) {
    if (start.includes('OpusHead')) return { decoder: 'opus' };
    return start.length >= 64 || enough ? { decoder: 'ffmpeg', demuxer: 'ogg' } : 'wait';
  }
  if (start.startsWith('fLaC')) return { decoder: 'ffmpeg', demuxer: 'flac' };
  if (start.startsWith('RIFF')) return { decoder: 'ffmpeg', demuxer: 'wav' };
  if (/^(?:ftyp|styp)$/.test(start.slice(4, 8))) return { decoder: 'ffmpeg', demuxer: 'mov' };
  if (start.startsWith('G')) return recogniseTransport(start, enough);
  return undefined;
}

const TS_PACKET = 188;

/** An MPEG transport stream: its sync byte, 0x47, every 188 bytes (ISO/IEC 13818-1, 2.4.3.2). */
function recogniseTransport(start: string, enough: boolean): AudioFormat | 'wait' | undefined {
  if (start.length <= 2 * TS_PACKET) return enough ? undefined : 'wait';
  const synced = start[TS_PACKET] === 'G' && start[2 * TS_PACKET] === 'G';
  return synced ? { decoder: 'ffmpeg', demuxer: 'mpegts' } : undefined;
}

/** Is this the beginning of an HLS playlist (RFC 8216, 4.3.1.1)? Undefined: more bytes are needed. */
export function isPlaylist(head: Uint8Array, complete: boolean): boolean | undefined {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 10)).toString('utf8');
  const text = start.replace(/^\uFEFF/, '');
  if (text.startsWith('#EXTM3U')) return true;
  return !complete && head.length < 10 && '#EXTM3U'.startsWith(text) ? undefined : false;
}

/** Length of an ID3v2 tag with its header (ID3v2.4.0 structure, 3.1). */
export function id3Bytes(head: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(6, 10);
  return 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127);
}

/** The first two frames that follow each other exactly, MPEG layer III or ADTS. */
function findFrames(head: Uint8Array, from: number): Recognised | undefined {
  for (let at = from; at + 7 < head.length; at += 1) {
    if (head[at] !== 0xff || ((head[at + 1] ?? 0) & 0xe0) !== 0xe0) continue;
    const mp3 = mpegFrameBytes(head, at);
    if (mp3 !== undefined && mpegFrameBytes(head, at + mp3) !== undefined) {
      return { format: { decoder: 'mp3' }, skipBytes: at };
    }
    const adts = adtsFrameBytes(head, at);
    if (adts !== undefined && adtsFrameBytes(head, at + adts) !== undefined) {
      return { format: { decoder: 'ffmpeg', demuxer: 'aac' }, skipBytes: at };
    }
  }
  return undefined;
}

const KBITS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES_V1 = [44_100, 48_000, 32_000];

/** Bytes of the MPEG layer III frame whose header stands here (ISO/IEC 11172-3, 2.4.1.3; 13818-3), or undefined. */
function mpegFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [sync = 0, kind = 0, rates = 0] = bytes.subarray(at, at + 3);
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0 || (kind & 0x06) !== 0x02) return undefined;
  const version = (kind >> 3) & 3;
  const rate = RATES_V1[(rates >> 2) & 3];
  const kbits = (version === 3 ? KBITS_V1 : KBITS_V2)[rates >> 4];
  if (version === 1 || rate === undefined || kbits === undefined || kbits === 0) return undefined;
  const rateHz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
  return Math.floor(((version === 3 ? 144_000 : 72_000) * kbits) / rateHz) + ((rates >> 1) & 1);
}

/** Bytes of the ADTS frame whose header stands here (ISO/IEC 14496-3, 1.A.2.2), or undefined. */
function adtsFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [sync = 0, kind = 0, rates = 0, b3 = 0, b4 = 0, b5 = 0] = bytes.subarray(at, at + 6);
  if (sync !== 0xff || (kind & 0xf6) !== 0xf0 || ((rates >> 2) & 15) > 12) return undefined;
  const length = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  return length < 7 ? undefined : length;
}
