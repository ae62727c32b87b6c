import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { codeOf, LoaError, messageOf } from '../../core/errors.js';
import { recognise, SNIFF_BYTES } from '../audio-format.js';

/** How loud stored sound is played: −16 LUFS (EBU R 128 measures it; the level is that of speech for loudspeakers outdoors). */
export const WANTED_LUFS = -16;
/** A file is made louder or softer by this much at most, dB: a whisper of noise is no speech. */
export const MOST_GAIN_DB = 20;
/** Below the absolute gate of ITU-R BS.1770-4 there is nothing to measure. */
const GATE_LUFS = -70;
/** Longest measurement: 0.07 CPU-seconds were measured for 120 s of sound. */
const LIMIT_MS = 60_000;

/** The integrated loudness of a file, LUFS; undefined where it holds nothing above the gate. @throws LoaError `E_DECODER_MISSING`, `E_MEDIA_DECODE` */
export type MeasureLoudness = (path: string, signal: AbortSignal) => Promise<number | undefined>;

/** The fixed gain for a file of this loudness, dB; 0 where there is nothing to go by. Pure. */
export function gainFor(lufs: number | undefined): number {
  if (lufs === undefined) return 0;
  return Math.min(MOST_GAIN_DB, Math.max(-MOST_GAIN_DB, WANTED_LUFS - lufs));
}

/** Measures by ffmpeg's `ebur128` (ITU-R BS.1770), as a child of low priority that may open this one file. */
export const measureByFfmpeg: MeasureLoudness = async (path, signal) => {
  const demuxer = await demuxerOf(path);
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-hide_banner', '-nostats', '-protocol_whitelist', 'file', '-f', demuxer],
      ...['-i', `file:${path}`, '-vn', '-sn', '-dn', '-t', '7200'],
      ...['-ac', '1', '-af', 'ebur128=framelog=verbose', '-f', 'null', '-'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], signal, timeout: LIMIT_MS, killSignal: 'SIGKILL' },
  );
  yieldToSound(child.pid);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new LoaError(cause.code === 'ENOENT' ? 'E_DECODER_MISSING' : 'E_MEDIA_DECODE', messageOf(cause), {
          cause,
        }),
      ),
    );
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new LoaError('E_MEDIA_DECODE', `ffmpeg ended with ${killedBy ?? code ?? 'nothing'}`));
    });
  });
  return parseLoudness(said);
};

/** Whoever plays sound goes before whoever measures it. */
function yieldToSound(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already: nothing is left to yield.
  }
}

/** The integrated loudness out of what `ebur128` says at its end. Pure. */
export function parseLoudness(said: string): number | undefined {
  const summary = said.slice(said.lastIndexOf('Summary:'));
  const lufs = Number(/\bI:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1] ?? NaN);
  return Number.isFinite(lufs) && lufs > GATE_LUFS ? lufs : undefined;
}

/** The demuxer is told, not guessed: ffmpeg's own guess may be a playlist that names other files. */
async function demuxerOf(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    const found = recognise(buffer.subarray(0, bytesRead), undefined, true);
    if (found === undefined || !found.ok) throw new LoaError('E_MEDIA_FORMAT', 'no known sound');
    const { format } = found.value;
    if (format.decoder === 'ffmpeg') return format.demuxer;
    return format.decoder === 'opus' ? 'ogg' : 'mp3';
  } finally {
    await handle.close();
  }
}

/** Is it a fault of the measuring alone, so that the file can be played all the same? */
export function isUnmeasurable(error: unknown): boolean {
  return ['E_DECODER_MISSING', 'E_MEDIA_DECODE', 'E_MEDIA_FORMAT'].includes(codeOf(error));
}
