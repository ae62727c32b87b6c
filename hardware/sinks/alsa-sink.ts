import { spawn } from 'node:child_process';
import { RATE_HZ } from '../../agent/core/units.js';
import type { OpenSink, SinkSettings } from '../types.js';
import { CardStatusFile } from './card-status.js';
import { openChildSink, type PlayerDialect } from './child-sink.js';
import { playerPath } from './player-path.js';
import { openPlayerSink, startPlayer } from './player-sink.js';

/** Room in the card beyond the most that is ever written ahead, milliseconds. */
const SPARE_MS = 40;

const dialectOf = (settings: SinkSettings): PlayerDialect => ({
  kind: 'alsa',
  // aplay says this when the card is open and before it reads its first period.
  isReady: (line) => line.startsWith('Playing '),
  underrunMs(line) {
    const gap = /^underrun!!! \(at least ([0-9.]+) ms long\)/.exec(line)?.[1];
    return gap === undefined ? undefined : Number(gap);
  },
  startMs: startMsOf(settings),
  card: (pid) => new CardStatusFile(settings.positionFolder ?? '/proc/asound', pid),
});

/** The card begins when it holds so much: what the writer gives at once, and less than it ever lets it hold. */
function startMsOf(settings: SinkSettings): number {
  return Math.max(10, Math.floor(settings.bufferMs / 2));
}

/** The sink of a receiver: our own player where it was built, `aplay` otherwise. Why not the package `speaker`: see hardware/README.md. */
export const openAlsaSink: OpenSink = async (settings, listener) => {
  const program = playerPath();
  return program === undefined
    ? openAplaySink(settings, listener)
    : openPlayerSink(startPlayer(program, settings), settings, listener);
};

/**
 * One long-lived `aplay` (alsa-utils), fed by a writer that paces itself. The card's buffer is as large as the writer may ever need,
 * and holds no more than the writer gives it: how much that is can change without opening it again. Nothing can be taken back.
 */
export const openAplaySink: OpenSink = async (settings, listener) => {
  const mostMs = Math.max(settings.bufferMs, settings.bufferMaxMs ?? 0) + settings.leadMs + SPARE_MS;
  const child = spawn(
    'aplay',
    [
      ...['-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(RATE_HZ)],
      ...['-D', settings.device],
      ...[`--buffer-time=${Math.round(mostMs * 1000)}`, '--period-time=10000'],
      `--start-delay=${startMsOf(settings) * 1000}`,
      '-',
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  );
  return openChildSink(child, settings, dialectOf(settings), listener);
};
