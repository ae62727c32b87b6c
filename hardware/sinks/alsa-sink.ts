import { spawn } from 'node:child_process';
import { RATE_HZ } from '../../agent/core/units.js';
import type { OpenSink } from '../types.js';
import { openChildSink, type PlayerDialect } from './child-sink.js';

const aplayDialect: PlayerDialect = {
  kind: 'alsa',
  // aplay says this when the card is open and before it reads its first period.
  isReady: (line) => line.startsWith('Playing '),
  underrunMs(line) {
    const gap = /^underrun!!! \(at least ([0-9.]+) ms long\)/.exec(line)?.[1];
    return gap === undefined ? undefined : Number(gap);
  },
};

/**
 * The sink of a receiver: one long-lived `aplay` (alsa-utils), fed by a writer that paces itself. Why not the package
 * `speaker`: see hardware/README.md.
 */
export const openAlsaSink: OpenSink = async (settings, listener) => {
  const bufferUs = Math.round(settings.bufferMs * 1000);
  const child = spawn(
    'aplay',
    [
      ...['-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(RATE_HZ)],
      ...['-D', settings.device],
      `--buffer-time=${bufferUs}`,
      `--period-time=${Math.round(Math.min(10_000, bufferUs / 4))}`,
      '-',
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  );
  return openChildSink(child, settings, aplayDialect, listener);
};
