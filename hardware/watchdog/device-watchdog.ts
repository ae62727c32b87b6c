import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { WatchdogFeed } from '../types.js';

/** A watchdog of the machine, opened: from now on it wants food. */
export interface DeviceWatchdog extends WatchdogFeed {
  /** Without food for so long the machine is reset, milliseconds. */
  readonly timeoutMs: number;
  /** Its open file: another thread of the process may feed by it. */
  readonly handle: number;
}

/**
 * Opens a watchdog device (Linux: Documentation/watchdog/watchdog-api): any write feeds it, and a `V` before it is closed stops it. Its
 * time is what the driver has (/sys/class/watchdog/NAME/timeout): Node has no ioctl to set another.
 * @param timeoutS taken where the driver does not tell its time
 * @throws LoaError `E_WATCHDOG`
 */
export function openDeviceWatchdog(device: string, sys: string, timeoutS: number): DeviceWatchdog {
  let handle: number;
  try {
    handle = openSync(device, 'w');
  } catch (cause) {
    throw new LoaError('E_WATCHDOG', `${device}: ${messageOf(cause)}`, { cause });
  }
  let open = true;
  return {
    handle,
    timeoutMs: (toldS(sys, device) ?? timeoutS) * 1000,
    feed() {
      if (open) writeSync(handle, '\0');
    },
    release() {
      if (!open) return;
      open = false;
      writeSync(handle, 'V');
      closeSync(handle);
    },
  };
}

function toldS(sys: string, device: string): number | undefined {
  // `/dev/watchdog` is the first of them.
  const name = basename(device) === 'watchdog' ? 'watchdog0' : basename(device);
  try {
    const told = Number(readFileSync(join(sys, 'class/watchdog', name, 'timeout'), 'utf8'));
    return told > 0 ? told : undefined;
  } catch {
    return undefined;
  }
}
