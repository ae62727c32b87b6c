import { LoaError } from '../../agent/core/errors.js';

/** A sound cut at its frame boundaries, ready to be sent in pieces and in a loop. */
export interface FramedSound {
  readonly format: 'mp3' | 'aac';
  readonly contentType: 'audio/mpeg' | 'audio/aac';
  readonly rateHz: number;
  /** The frames alone, one after another: no tags, no Xing or Info frame. */
  readonly bytes: Uint8Array;
  /** Where frame n begins in `bytes`; one more entry than there are frames. */
  readonly offsets: readonly number[];
  /** The first sample of frame n; one more entry than there are frames. */
  readonly samples: readonly number[];
}

interface Frame {
  readonly format: FramedSound['format'];
  readonly length: number;
  readonly samples: number;
  readonly rateHz: number;
}

// ISO/IEC 11172-3, 2.4.2.3 and ISO/IEC 13818-3, 2.4.2.3: kbit/s of Layer III.
const MPEG1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_HZ = [44_100, 48_000, 32_000];
// ISO/IEC 14496-3, table 1.18.
const ADTS_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];

/**
 * Finds the frames of an MP3 (MPEG-1, 2 or 2.5 Layer III) or an AAC in ADTS. An ID3 tag before or after and a Xing,
 * Info or VBRI frame are left out, a last frame that is cut short too.
 * @throws LoaError `E_MEDIA_FORMAT` where there is no frame, or anything else between the frames
 */
export function framesOfSound(file: Uint8Array): FramedSound {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = endOfId3(view);
  const first = frameAt(view, at);
  if (first === undefined) throw new LoaError('E_MEDIA_FORMAT', `no MP3 or ADTS frame at byte ${at}`);
  if (first.format === 'mp3' && isInfoFrame(view.subarray(at, at + first.length))) at += first.length;

  const begin = at;
  const offsets = [0];
  const samples = [0];
  for (let total = 0; at < view.length && !isEnd(view, at);) {
    const frame = frameAt(view, at);
    if (frame === undefined || frame.format !== first.format || frame.rateHz !== first.rateHz) {
      throw new LoaError('E_MEDIA_FORMAT', `no ${first.format} frame at byte ${at}`);
    }
    if (at + frame.length > view.length) break;
    at += frame.length;
    total += frame.samples;
    offsets.push(at - begin);
    samples.push(total);
  }
  if (offsets.length === 1) throw new LoaError('E_MEDIA_FORMAT', 'not one whole frame');
  return {
    format: first.format,
    contentType: first.format === 'mp3' ? 'audio/mpeg' : 'audio/aac',
    rateHz: first.rateHz,
    bytes: view.subarray(begin, begin + (offsets.at(-1) ?? 0)),
    offsets,
    samples,
  };
}

/** Bits a second on average, in kbit/s. */
export function kbpsOf({ bytes, samples, rateHz }: FramedSound): number {
  return (bytes.length * 8 * rateHz) / (samples.at(-1) ?? 1) / 1000;
}

function frameAt(view: Buffer, at: number): Frame | undefined {
  if (at + 7 > view.length || view[at] !== 0xff) return undefined;
  const second = view.readUInt8(at + 1);
  if ((second & 0xf6) === 0xf0) return adtsFrame(view, at);
  return (second & 0xe6) === 0xe2 ? layer3Frame(view, at, second) : undefined;
}

function layer3Frame(view: Buffer, at: number, second: number): Frame | undefined {
  const version = (second >> 3) & 3;
  if (version === 1) return undefined;
  const third = view.readUInt8(at + 2);
  const kbps = (version === 3 ? MPEG1_KBPS : MPEG2_KBPS)[third >> 4];
  const rate = MPEG1_HZ[(third >> 2) & 3];
  // Index 0 is the free format, 15 is forbidden: neither tells a length.
  if (kbps === undefined || kbps === 0 || rate === undefined) return undefined;
  const rateHz = rate / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const samples = version === 3 ? 1152 : 576;
  const length = Math.floor((samples / 8) * ((kbps * 1000) / rateHz)) + ((third >> 1) & 1);
  return { format: 'mp3', length, samples, rateHz };
}

function adtsFrame(view: Buffer, at: number): Frame | undefined {
  const rateHz = ADTS_HZ[(view.readUInt8(at + 2) >> 2) & 15];
  const length = (view.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
  if (rateHz === undefined || length < 7) return undefined;
  const blocks = (view.readUInt8(at + 6) & 3) + 1;
  return { format: 'aac', length, samples: 1024 * blocks, rateHz };
}

/** A first frame that holds no sound but a table of the file: its name stands after the side information. */
function isInfoFrame(frame: Buffer): boolean {
  const isMono = frame.readUInt8(3) >> 6 === 3;
  const isMpeg1 = ((frame.readUInt8(1) >> 3) & 3) === 3;
  const sideBytes = isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  const name = frame.toString('latin1', 4 + sideBytes, 8 + sideBytes);
  return name === 'Xing' || name === 'Info' || frame.toString('latin1', 36, 40) === 'VBRI';
}

/** ID3v2: ten bytes, the last four of them its size in seven-bit groups. */
function endOfId3(view: Buffer): number {
  if (view.toString('latin1', 0, 3) !== 'ID3' || view.length < 10) return 0;
  const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + (view.readUInt8(index) & 0x7f), 0);
  return 10 + size;
}

/** The end of the frames: an ID3v1 tag, or less than a frame's header. */
function isEnd(view: Buffer, at: number): boolean {
  return view.toString('latin1', at, at + 3) === 'TAG' || view.length - at < 7;
}
