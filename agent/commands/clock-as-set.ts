import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readIfPresent } from '../core/atomic-file.js';
import type { Moment } from './clock-trust.js';

/** What set-clock of the package writes: both clocks when it set the one, seconds. */
const noted = z.object({ systemS: z.number(), uptimeS: z.number() });
/** A clock that has moved so far against the other one was put right by somebody; less may be a slow start of `date`. */
const STEP_MS = 30_000;

/** Files that are gone with the power. */
export interface ClockFiles {
  /** Left by loa-clock.service where it has set the system's clock. */
  readonly note: string;
  /** There when systemd-timesyncd has heard a time server; its folder is there while that service runs. */
  readonly synced: string;
}

/**
 * Tells whether the system's clock is still only what it was set to at boot from the floor, so that TLS takes the broker's
 * certificate: by such a clock nothing must begin as if the time were known.
 *
 * It was put right when systemd-timesyncd says so. That service also sets the clock by a file of its own, which is no better
 * than ours, so a step counts only where it does not run (chrony, a person). A note that cannot be read counts as set now.
 */
export async function clockAsSet({ note, synced }: ClockFiles): Promise<(now: Moment) => boolean> {
  const text = await readIfPresent(note).catch(() => '');
  if (text === undefined) return () => false;
  const set = readNote(text);
  let isAsSet = true;
  return (now) => {
    isAsSet &&= !existsSync(synced);
    if (isAsSet && set !== undefined && !existsSync(dirname(synced))) {
      const stepMs = now.systemMs - set.systemS * 1000 - (now.monotonicMs - set.uptimeS * 1000);
      isAsSet = Math.abs(stepMs) < STEP_MS;
    }
    return isAsSet;
  };
}

function readNote(text: string): z.infer<typeof noted> | undefined {
  try {
    return noted.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
