import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Machine } from './kept-results.js';

/** The machine that this runs on. */
export function machineHere(): Machine {
  return {
    platform: `${platform()} ${release()} ${arch()}`,
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryMb: Math.round(totalmem() / 2 ** 20),
  };
}
