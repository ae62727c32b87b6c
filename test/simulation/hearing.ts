import { setTimeout as pause } from 'node:timers/promises';
import type { WavSound } from '../heard/wav.js';
import type { Stage } from './stage.js';

/** What QEMU has recorded comes to its file in pieces: so long after the end of a play all of it is there. */
const SETTLED_MS = 3_000;

/** The recording, when what played last is in it. */
export async function hearAll(stage: Stage): Promise<WavSound> {
  await pause(SETTLED_MS);
  return stage.machine.heard();
}
