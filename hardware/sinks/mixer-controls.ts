import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';

/** A control of a sound card and what it is set to, as `amixer sset` takes it. */
export interface MixerControl {
  readonly card: string;
  readonly control: string;
  readonly value: string;
}

const LIMIT_MS = 5_000;

/** Sets controls of sound cards, one after the other. Returns what could not be set, one line each. */
export async function setMixer(controls: readonly MixerControl[], program = 'amixer'): Promise<string[]> {
  const failed: string[] = [];
  for (const { card, control, value } of controls) {
    try {
      await promisify(execFile)(program, ['-q', '-c', card, 'sset', control, value], { timeout: LIMIT_MS });
    } catch (error) {
      failed.push(`${card} ${control}: ${messageOf(error)}`.slice(0, 200));
    }
  }
  return failed;
}
