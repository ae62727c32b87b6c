import { join } from 'node:path';
import { findBoard } from '../hardware/boards/read-board.js';
import { openDeviceWatchdog, type DeviceWatchdog } from '../hardware/watchdog/device-watchdog.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Config } from './config.js';
import { codeOf, messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import { BOARD_FILE } from './state-files.js';

/** A watchdog whose driver does not tell its time is taken for this, seconds. */
const WATCHDOG_S = 30;

/** The device that the settings name, or the board; undefined where none is named, or it cannot be opened, which is told. */
export async function openWatchdog(
  { config, tell }: { readonly config: Config; readonly tell: (body: EventBody) => void },
  sys: string,
  log: Log,
): Promise<DeviceWatchdog | undefined> {
  const { device } = config.watchdog;
  if (device === '') return undefined;
  const named =
    device === 'board'
      ? (await findBoard(config.board, join(config.stateFolder, BOARD_FILE))).found?.watchdog
      : { device, timeoutS: WATCHDOG_S };
  if (named === undefined) return undefined;
  try {
    return openDeviceWatchdog(named.device, sys, named.timeoutS);
  } catch (error) {
    log.error({ code: codeOf(error), error: messageOf(error) }, 'no watchdog is fed');
    tell({ kind: 'alarm', code: codeOf(error), detail: messageOf(error).slice(0, 300) });
    return undefined;
  }
}
