/** Which thread goes first where there are more of them than processors. Linux counts nice values by thread: setpriority(2), "C library/kernel differences". */
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';

/** That of PipeWire's and PulseAudio's own threads without real time. */
const SOUND_NICE = -11;

/**
 * Puts the calling thread, and the programs that it starts from now on, before all that runs at an ordinary priority. Without the right to
 * do so (`LimitNICE=` of the unit) or outside of Linux it stays where it was.
 */
export function goFirst(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    if (getPriority(thread) > SOUND_NICE) setPriority(thread, SOUND_NICE);
  } catch {
    // It works without, with a larger buffer on a busy machine.
  }
}

/** Puts a program that a thread before others has started back among those of the process. */
export function goAlong(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, getPriority(process.pid));
  } catch {
    // It has ended already, or is nobody's.
  }
}
