import { readFile, writeFile } from 'node:fs/promises';

/** Sound read from a WAV file. */
export interface WavSound {
  readonly rateHz: number;
  /** Channels of the file; `samples` is their mean, −1 to 1. */
  readonly channels: number;
  readonly samples: Float32Array;
}

/**
 * Reads 16-bit PCM WAV. A writer that was killed leaves sizes of 0 or 0xFFFFFFFF in the header: then the sound reaches to
 * the end of the file. Throws an Error that names the file when it is no such WAV.
 */
export async function readWav(file: string): Promise<WavSound> {
  return parseWav(await readFile(file), file);
}

/** As {@link readWav}, of bytes; `name` is for the error. */
export function parseWav(bytes: Buffer, name = 'WAV'): WavSound {
  if (
    bytes.length < 12 ||
    bytes.toString('latin1', 0, 4) !== 'RIFF' ||
    bytes.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw new Error(`${name} is not a WAV file`);
  }
  let format: { channels: number; rateHz: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const chunk = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (chunk === 'fmt ') format = parseFormat(bytes, start, name);
    if (chunk === 'data') {
      if (format === undefined) throw new Error(`${name} has sound before its format`);
      const unfinished = size === 0 || start + size > bytes.length;
      const end = unfinished ? bytes.length : start + size;
      return { ...format, samples: mono(bytes.subarray(start, end), format.channels) };
    }
    at = start + size + (size % 2);
  }
  throw new Error(`${name} holds no sound`);
}

/** Writes one channel as 16-bit PCM WAV; samples beyond ±1 are clipped. */
export async function writeWav(
  file: string,
  sound: { rateHz: number; samples: Float32Array },
): Promise<void> {
  await writeFile(file, encodeWav(sound));
}

/** As {@link writeWav}, to bytes. */
export function encodeWav({ rateHz, samples }: { rateHz: number; samples: Float32Array }): Buffer {
  const bytes = Buffer.alloc(44 + samples.length * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples.length * 2, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, frame) => {
    bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), 44 + frame * 2);
  });
  return bytes;
}

const PCM = 1;
const EXTENSIBLE = 0xfffe;

function parseFormat(bytes: Buffer, start: number, name: string): { channels: number; rateHz: number } {
  if (start + 16 > bytes.length) throw new Error(`${name} ends inside its header`);
  const tag = bytes.readUInt16LE(start);
  const channels = bytes.readUInt16LE(start + 2);
  const bits = bytes.readUInt16LE(start + 14);
  if ((tag !== PCM && tag !== EXTENSIBLE) || bits !== 16 || channels === 0) {
    throw new Error(`${name} is not 16-bit PCM (format ${tag}, ${bits} bits, ${channels} channels)`);
  }
  return { channels, rateHz: bytes.readUInt32LE(start + 4) };
}

function mono(pcm: Buffer, channels: number): Float32Array {
  const samples = new Float32Array(Math.floor(pcm.length / (2 * channels)));
  for (let frame = 0; frame < samples.length; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += pcm.readInt16LE((frame * channels + channel) * 2);
    samples[frame] = sum / (32_768 * channels);
  }
  return samples;
}
