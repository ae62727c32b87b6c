import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from './core/errors.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';

const run = promisify(execFile);
const TELL_LIMIT_MS = 10_000;

/** What the service manager is told: sd_notify(3). */
export interface ServiceNotice {
  /** The start is done; from now on the watchdog is fed, where the unit asks for it. */
  ready(): void;
  /** The program ends by its own will. */
  stopping(): void;
  /** From now on it is fed only where this says so. */
  feedIf(may: () => boolean): void;
  /** Where another thread may feed it, and how often; undefined where nothing is to be fed. */
  readonly watchdog: { readonly socket: string; readonly everyMs: number } | undefined;
}

/** What {@link serviceNotice} stands on. */
export interface NoticeParts {
  /** `NOTIFY_SOCKET` and `WATCHDOG_USEC` are taken out of it: no other child shall speak for the receiver. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells systemd that the receiver has started, lives and ends. Node has no datagram sockets of the unix kind, so systemd's
 * own `systemd-notify` tells for it (the unit has `NotifyAccess=all`); one at a time. The watchdog (`WatchdogSec=`) is fed
 * at a third of its time from the main thread's loop, while {@link ServiceNotice.feedIf} allows: a loop that stands still starves it.
 * Outside a unit nothing is done.
 */
export function serviceNotice({ env, clock, log }: NoticeParts): ServiceNotice {
  const socket = env['NOTIFY_SOCKET'];
  const watchdogMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000;
  delete env['NOTIFY_SOCKET'];
  delete env['WATCHDOG_USEC'];
  const nothing = (): void => undefined;
  if (socket === undefined)
    return { ready: nothing, stopping: nothing, feedIf: nothing, watchdog: undefined };
  let mayFeed = (): boolean => true;
  let telling = false;
  let cancel: () => void = () => undefined;
  const tell = (words: readonly string[]): void => {
    telling = true;
    const options = { env: { ...env, NOTIFY_SOCKET: socket }, timeout: TELL_LIMIT_MS };
    void run('systemd-notify', [...words], options)
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'systemd was not told'))
      .finally(() => {
        telling = false;
      });
  };
  const feed = (): void => {
    if (!telling && mayFeed()) tell(['WATCHDOG=1']);
    cancel = clock.after(watchdogMs / 3, feed);
  };
  return {
    ready() {
      tell(['--ready']);
      if (watchdogMs > 0) cancel = clock.after(watchdogMs / 3, feed);
    },
    stopping() {
      cancel();
      tell(['STOPPING=1']);
    },
    feedIf(may) {
      mayFeed = may;
    },
    watchdog: watchdogMs > 0 ? { socket, everyMs: watchdogMs / 3 } : undefined,
  };
}
