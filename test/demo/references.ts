import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instantOf, systemClock } from '../../agent/core/clock.js';
import { framesOf, RATE_HZ } from '../../agent/core/units.js';
import { storedSound } from '../../agent/sound/chime.js';
import { makeMp3Decoder } from '../../agent/sound/decoders/wasm-decoder.js';
import { decodeReference } from '../heard/decode.js';
import { readWav, writeWav } from '../heard/wav.js';
import { speechPath } from '../fixtures/speech/speech.js';
import type { Stage } from './stage.js';

/** The sources as they should sound: one channel at 48 kHz. */
export interface References {
  readonly bulletin: Float32Array;
  readonly emergency: Float32Array;
  readonly notice: Float32Array;
  readonly chime: Float32Array;
  /** Wall time at which the first frame of the live stream was due, milliseconds. */
  readonly liveStartMs: number;
}

const REFERENCES_FILE = 'references.json';

/** Name of a reference that is a sound. */
export type ReferenceName = Exclude<keyof References, 'liveStartMs'>;

/**
 * Decodes the sources, by ffmpeg, and writes each as `reference-NAME.wav`.
 * @param ffmpeg false: by Loa's own decoder, which proves less
 */
export async function makeReferences(stage: Stage, out: string, ffmpeg: boolean): Promise<References> {
  const decode = ffmpeg ? decodeReference : decodeInProcess;
  const { bytes, startMs } = stage.source.media.streamBytes('bulletin');
  const sounds: Record<ReferenceName, Float32Array> = {
    bulletin: await decode(bytes),
    emergency: await decode(await readFile(speechPath('emergency.mp3'))),
    notice: await decode(await readFile(speechPath('notice.mp3'))),
    chime: storedSound('chime'),
  };
  for (const [name, samples] of Object.entries(sounds)) {
    await writeWav(join(out, `reference-${name}.wav`), { samples, rateHz: RATE_HZ });
  }
  const liveStartMs = instantOf(systemClock, startMs);
  await writeFile(join(out, REFERENCES_FILE), `${JSON.stringify({ liveStartMs, ffmpeg })}\n`);
  return { ...sounds, liveStartMs };
}

/** Reads what makeReferences left. */
export async function readReferences(out: string): Promise<References> {
  const read = async (name: ReferenceName): Promise<Float32Array> =>
    (await readWav(join(out, `reference-${name}.wav`))).samples;
  const { liveStartMs } = JSON.parse(await readFile(join(out, REFERENCES_FILE), 'utf8')) as {
    liveStartMs: number;
  };
  return {
    bulletin: await read('bulletin'),
    emergency: await read('emergency'),
    notice: await read('notice'),
    chime: await read('chime'),
    liveStartMs,
  };
}

async function decodeInProcess(bytes: Uint8Array): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  const decoder = await makeMp3Decoder((frames) => pieces.push(frames));
  await decoder.write(bytes);
  await decoder.end();
  decoder.close();
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all.subarray(0, all.length - (all.length % framesOf(10)));
}
