import { readdir } from 'node:fs/promises';
import { systemClock } from '../../core/clock.js';
import { LoaError } from '../../core/errors.js';
import type { Log } from '../../core/log.js';
import type { CacheView } from '../../programme/media-keeper.js';
import { RunMarksFile } from '../../run-marks-file.js';
import { CRASH_WINDOW_MS } from '../../safe-mode.js';
import { askReceiver, isNobodyThere } from '../client.js';
import type { DayView, WhyView } from '../programme-view.js';
import type { Status } from '../status.js';
import type { TrustView } from '../trust-view.js';
import { hardwareOf } from '../hardware-told.js';
import type { HardwareFacts, ProgramFacts } from './facts.js';

const ANSWER_MS = 4_000;

/** Where the program is asked. */
export interface ProgramPlace {
  readonly socketPath: string;
  readonly stateFolder: string;
}

/** A log for parts that want one where nobody reads it. */
export const NO_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => NO_LOG,
};

/** Whether the program answers, and what. */
export async function programFacts(place: ProgramPlace): Promise<ProgramFacts> {
  const { socketPath } = place;
  const ask = (path: string): Promise<unknown> => askReceiver(socketPath, 'GET', path, undefined, ANSWER_MS);
  let status: Status;
  try {
    status = (await ask('/v1/status')) as Status;
  } catch (error) {
    const reason = error instanceof LoaError ? String(error.fields['reason'] ?? '') : '';
    const kind = isNobodyThere(error)
      ? 'stopped'
      : reason === 'EACCES' || reason === 'EPERM'
        ? 'denied'
        : 'hung';
    return { kind, crashes: await crashesOf(place, kind), detail: reason };
  }
  const maybe = async <T>(path: string): Promise<T | undefined> =>
    ask(path).catch(() => undefined) as Promise<T | undefined>;
  const [why, day, trust, cache] = await Promise.all([
    maybe<WhyView>('/v1/why'),
    maybe<DayView>('/v1/schedule'),
    maybe<TrustView>('/v1/trust'),
    maybe<CacheView>('/v1/cache'),
  ]);
  return {
    ...{ kind: 'running', crashes: await crashesOf(place, 'running'), status },
    ...(why === undefined ? {} : { why }),
    ...(day === undefined ? {} : { day }),
    ...(trust === undefined ? {} : { trust }),
    ...(cache === undefined ? {} : { cache }),
  };
}

/** Ends within ten minutes that nobody asked for; one that has only just been left behind counts. */
async function crashesOf(place: ProgramPlace, kind: ProgramFacts['kind']): Promise<number> {
  const marks = await new RunMarksFile({ ...place, log: NO_LOG }).read();
  const nowMs = systemClock.monotonicMs();
  const recent = marks.crashes.filter((atMs) => atMs <= nowMs && nowMs - atMs < CRASH_WINDOW_MS).length;
  return recent + (kind === 'stopped' && marks.running ? 1 : 0);
}

/** What board and modem tell, of the running receiver where it knows, and whether the kernel has a watchdog. */
export async function hardwareFacts(socketPath: string, system = '/sys'): Promise<HardwareFacts> {
  const answer = await askReceiver(socketPath, 'GET', '/v1/health', undefined, ANSWER_MS).catch(() => ({}));
  const watchdogs = await readdir(`${system}/class/watchdog`).catch((): string[] => []);
  return { ...hardwareOf(answer), watchdog: watchdogs.length > 0 };
}
