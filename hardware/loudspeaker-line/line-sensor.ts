import { spawn } from 'node:child_process';
import { LoaError, messageOf } from '../../agent/core/errors.js';

/** Where the sensor is, and what reads it. */
export interface SensorSettings {
  /** ALSA device. */
  readonly device: string;
  readonly rateHz: number;
  /** Instead of arecord, for tests. */
  readonly program?: string;
}

/**
 * Reads the sensor of the line through one `arecord` until the signal is aborted.
 * @param onSamples takes 16-bit samples, one channel, as they come
 * @throws LoaError `E_LINE_SENSOR` where it ends on its own
 */
export async function readSensor(
  { device, rateHz, program = 'arecord' }: SensorSettings,
  onSamples: (samples: Int16Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const args = ['-q', '-D', device, '-t', 'raw', '-f', 'S16_LE', '-r', String(rateHz), '-c', '1'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-300)));
  let odd: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([odd, chunk]);
    const samples = new Int16Array(bytes.length >> 1);
    for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readInt16LE(i * 2);
    odd = bytes.subarray(samples.length * 2);
    onSamples(samples);
  });
  const ending = await new Promise<string>((resolve) => {
    child.once('error', (cause) => resolve(messageOf(cause)));
    child.once('close', (code, killed) => resolve(`arecord ended with ${killed ?? String(code)}`));
  });
  signal.removeEventListener('abort', stop);
  if (!signal.aborted) throw new LoaError('E_LINE_SENSOR', `${ending}: ${said.trim()}`);
}
