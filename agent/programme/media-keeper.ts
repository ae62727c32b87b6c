import type { EventBody } from '../../protocols/messages/up.js';
import { codeOf, LoaError, messageOf, type ErrorCode } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { CachedMedia, MediaFolder } from './media-folder.js';
import { KEPT_AHEAD_MS, spreadOf, type WantedMedia } from './media-plan.js';

/** How a file that is wanted stands. */
export interface MediaProgress {
  readonly sha256: string;
  readonly url: string;
  /** When it is needed first, wall time, milliseconds; 0 for an emergency's. */
  readonly neededMs: number;
  readonly state: 'here' | 'waiting' | 'begun' | 'failed' | 'no-room';
  readonly bytes: number;
  /** Why it failed last. */
  readonly code?: ErrorCode;
}

/** The cache as `loa cache` shows it. */
export interface CacheView {
  readonly wanted: readonly MediaProgress[];
  readonly files: number;
  readonly bytes: number;
  readonly quotaBytes: number;
  /** Fetched ahead since midnight UTC+7. */
  readonly fetchedTodayBytes: number;
  readonly budgetBytes: number;
}

/** What a keeper stands on. */
export interface MediaKeeperParts {
  readonly folder: MediaFolder;
  /** What is wanted now: see planMedia. */
  readonly wanted: (nowMs: number) => readonly WantedMedia[];
  readonly quotaBytes: number;
  /** Fetched ahead in one day at most; an emergency's files are not counted. */
  readonly budgetBytes: number;
  /** False while the day's budget of the SIM is used up: ordinary fetching waits, an emergency's files do not. True where left out. */
  readonly mayFetch?: () => boolean;
  /** Gets a file that has come ready to be played at its time: how loud it is. */
  readonly prepare?: (path: string, signal: AbortSignal) => Promise<unknown>;
  /** Over how long the receivers of a commune are spread, milliseconds. */
  readonly spreadMs: number;
  /** This receiver's place among them, 0 to 1. */
  readonly place: number;
  readonly log: Log;
  readonly onEvent: (body: EventBody) => void;
}

const DAY_MS = 86_400_000;
const COUNTRY_MS = 7 * 3_600_000;
const RETRY_MIN_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;
const FETCH_LIMIT_MS = 10 * 60_000;

interface Attempt {
  readonly failures: number;
  /** Not before, wall time, milliseconds. */
  readonly nextMs: number;
  readonly code: ErrorCode | undefined;
}

interface FetchTerms {
  readonly wanted: readonly WantedMedia[];
  readonly allowedBytes: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Fetches ahead what the days to come will ask for, one file at a time, and makes room: first for an emergency's files, then for what
 * is needed soonest. Keeps no time: it is told it, round by round.
 */
export class MediaKeeper {
  readonly #parts: MediaKeeperParts;
  readonly #attempts = new Map<string, Attempt>();
  #spent = { day: 0, bytes: 0 };
  #view: CacheView;
  #alarm: string | undefined;

  constructor(parts: MediaKeeperParts) {
    this.#parts = parts;
    const { quotaBytes, budgetBytes } = parts;
    this.#view = { wanted: [], files: 0, bytes: 0, quotaBytes, budgetBytes, fetchedTodayBytes: 0 };
  }

  /** What was found in the last round. */
  get view(): CacheView {
    return this.#view;
  }

  /** How long until a file is to be asked for, milliseconds; Infinity where none waits for its time. */
  dueInMs(nowMs: number): number {
    return Math.min(
      ...[...this.#attempts.values()].map(({ nextMs }) => nextMs - nowMs).filter((ms) => ms > 0),
    );
  }

  /**
   * Looks at what is wanted and fetches what is due. Never throws: a fault of the network or the disk is told and tried again.
   * @param signal ends a download; what came is kept
   */
  async round(nowMs: number, signal: AbortSignal): Promise<CacheView> {
    const { folder, log } = this.#parts;
    const wanted = this.#parts.wanted(nowMs);
    this.#forget(wanted, nowMs);
    const progress: MediaProgress[] = [];
    try {
      await folder.dropBegun(new Set(wanted.map(({ sha256 }) => sha256)));
      await this.#keep(wanted, nowMs);
      for (const one of wanted) {
        progress.push(
          signal.aborted ? progressOf(one, 'waiting', 0) : await this.#one(one, wanted, nowMs, signal),
        );
      }
    } catch (error) {
      log.error({ code: codeOf(error), error: messageOf(error) }, 'the cache could not be looked at');
      this.#disk(error);
    }
    const files = await folder.files().catch((): CachedMedia[] => []);
    this.#view = {
      ...this.#view,
      wanted: progress,
      files: files.length,
      bytes: bytesOf(files),
      fetchedTodayBytes: this.#spent.bytes,
    };
    return this.#view;
  }

  /** A full disk must not keep the rest from being done: what is kept is then told to the sound thread the next time. */
  async #keep(wanted: readonly WantedMedia[], nowMs: number): Promise<void> {
    try {
      await this.#parts.folder.keep(soon(wanted, nowMs).map(({ sha256 }) => sha256));
    } catch (error) {
      this.#disk(error);
    }
  }

  async #one(
    one: WantedMedia,
    wanted: readonly WantedMedia[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<MediaProgress> {
    const { folder, place, spreadMs } = this.#parts;
    if (await folder.holds(one.sha256)) {
      this.#attempts.delete(one.sha256);
      return progressOf(one, 'here', 0);
    }
    const attempt = this.#attempts.get(one.sha256) ?? {
      ...{ failures: 0, code: undefined },
      nextMs: nowMs + spreadOf(one, nowMs, place, spreadMs),
    };
    this.#attempts.set(one.sha256, attempt);
    const waiting = attempt.failures > 0 ? 'failed' : 'waiting';
    const allowedBytes = one.neededMs === 0 ? Infinity : this.#ordinaryBytes();
    if (attempt.nextMs > nowMs || allowedBytes <= 0)
      return progressOf(one, waiting, await folder.begunBytes(one.sha256), attempt.code);
    if (!(await this.#makeRoom(one, wanted, nowMs))) return progressOf(one, 'no-room', 0);
    return this.#fetch(one, attempt, { wanted, allowedBytes, nowMs, signal });
  }

  /** How much may still be fetched today that is not an emergency's. */
  #ordinaryBytes(): number {
    const { budgetBytes, mayFetch } = this.#parts;
    return mayFetch?.() === false ? 0 : budgetBytes - this.#spent.bytes;
  }

  async #fetch(
    one: WantedMedia,
    { failures }: Attempt,
    { wanted, allowedBytes, nowMs, signal }: FetchTerms,
  ): Promise<MediaProgress> {
    const { folder, log } = this.#parts;
    const before = await folder.begunBytes(one.sha256);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(FETCH_LIMIT_MS)]);
      const { bytes, whole } = await folder.fetch(one, allowedBytes, limit);
      if (one.neededMs > 0) this.#spent.bytes += bytes;
      this.#clear();
      this.#attempts.delete(one.sha256);
      if (whole) await this.#prepare(one.sha256, signal);
      return progressOf(one, whole ? 'here' : 'begun', before + bytes);
    } catch (error) {
      const code = codeOf(error);
      const begun = await folder.begunBytes(one.sha256);
      if (one.neededMs > 0) this.#spent.bytes += Math.max(0, begun - before);
      const waitMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
      this.#attempts.set(one.sha256, { failures: failures + 1, nextMs: nowMs + waitMs, code });
      log.warn({ code, url: one.url, error: messageOf(error) }, 'a file was not fetched');
      if (code === 'E_STORE_WRITE') {
        // What is left of the disk is worth more than a piece of a file; then everything that may go.
        this.#disk(error);
        await folder.drop(one.sha256);
        await this.#makeRoom(one, wanted, nowMs, 0);
      }
      return progressOf(one, 'failed', begun, code);
    }
  }

  /** What fails here is done again when the file is played. */
  async #prepare(sha256: string, signal: AbortSignal): Promise<void> {
    const { folder, prepare, log } = this.#parts;
    try {
      await prepare?.(folder.pathOf(sha256), signal);
    } catch (error) {
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'a file was not measured');
    }
  }

  /**
   * Drops what is not wanted, the least recently used first, then what is needed later than this one, the latest first, until
   * there is room for a file of the usual size. Never what the next 48 hours need, nor an emergency's.
   */
  async #makeRoom(
    one: WantedMedia,
    wanted: readonly WantedMedia[],
    nowMs: number,
    quotaBytes = this.#parts.quotaBytes,
  ): Promise<boolean> {
    const { folder } = this.#parts;
    const files = await folder.files();
    const begun = await folder.begunBytes(one.sha256);
    let total = bytesOf(files) + begun;
    if (total < quotaBytes) return true;
    const needed = new Map(wanted.map(({ sha256, neededMs }) => [sha256, neededMs]));
    const safe = new Set(soon(wanted, nowMs).map(({ sha256 }) => sha256));
    const later = ({ sha256 }: CachedMedia): number => needed.get(sha256) ?? Infinity;
    const droppable = files
      .filter((file) => !safe.has(file.sha256) && later(file) > one.neededMs)
      .sort((a, b) => later(b) - later(a) || a.usedMs - b.usedMs);
    for (const { sha256, bytes } of droppable) {
      if (total < quotaBytes) break;
      await folder.drop(sha256);
      total -= bytes;
    }
    return total < quotaBytes;
  }

  /** What is not wanted any more needs no memory; another day has its own budget. */
  #forget(wanted: readonly WantedMedia[], nowMs: number): void {
    const known = new Set(wanted.map(({ sha256 }) => sha256));
    for (const sha256 of this.#attempts.keys()) if (!known.has(sha256)) this.#attempts.delete(sha256);
    const day = Math.floor((nowMs + COUNTRY_MS) / DAY_MS);
    if (this.#spent.day !== day) this.#spent = { day, bytes: 0 };
  }

  #disk(error: unknown): void {
    const code = error instanceof LoaError ? error.code : 'E_STORE_WRITE';
    if (this.#alarm === code) return;
    this.#alarm = code;
    this.#parts.onEvent({ kind: 'alarm', code, detail: `the cache: ${messageOf(error)}`.slice(0, 300) });
  }

  #clear(): void {
    if (this.#alarm === undefined) return;
    this.#parts.onEvent({ kind: 'cleared', code: this.#alarm, detail: 'the cache can be written again' });
    this.#alarm = undefined;
  }
}

/** What the next 48 hours need, and an emergency's files. */
function soon(wanted: readonly WantedMedia[], nowMs: number): WantedMedia[] {
  return wanted.filter(({ neededMs }) => neededMs < nowMs + KEPT_AHEAD_MS);
}

function bytesOf(files: readonly CachedMedia[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function progressOf(
  { sha256, url, neededMs }: WantedMedia,
  state: MediaProgress['state'],
  bytes: number,
  code?: ErrorCode,
): MediaProgress {
  return { sha256, url, neededMs, state, bytes, ...(code === undefined ? {} : { code }) };
}
