import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';
import type { Clock } from '../core/clock.js';
import { codeOf, messageOf } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { asRunDay, countryDay, type AsRunDay, type AsRunEntry } from './as-run.js';

/** Days kept: a year's report, and a month in which to ask for it. */
const DAYS_KEPT = 400;
/** Lines of one day: schedules of a commune hold some dozens. */
const ENTRIES_A_DAY = 500;
const NAME = /^\d{4}-\d{2}-\d{2}\.json$/;
/** The running time is written this often while nothing else is, milliseconds: a flash wears out. */
const WRITE_EVERY_MS = 900_000;

/**
 * What was played and what was not, a file a day, each replaced whole: a power cut leaves the day as it was before the last line
 * or after it. Where the disk cannot be written the day is kept in memory, and written with its next line.
 */
export class AsRunLog {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #today: AsRunDay | undefined;
  #countedMs: number;
  #writtenMs: number;
  #turn: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
    this.#countedMs = this.#writtenMs = clock.monotonicMs();
  }

  /** Adds a line to the day in which it ended. Never throws. */
  add(entry: AsRunEntry): Promise<void> {
    return this.#next(async () => {
      const day = await this.#day(countryDay(this.#clock.nowMs()));
      const room = day.entries.length < ENTRIES_A_DAY;
      this.#today = room ? { ...day, entries: [...day.entries, entry] } : { ...day, lost: day.lost + 1 };
      await this.#write();
    });
  }

  /** Counts on that the program runs; call it every minute or so. Never throws. */
  tick(): Promise<void> {
    return this.#next(async () => {
      const nowMs = this.#clock.monotonicMs();
      const day = await this.#day(countryDay(this.#clock.nowMs()));
      this.#today = { ...day, ranMs: Math.min(86_400_000, day.ranMs + nowMs - this.#countedMs) };
      this.#countedMs = nowMs;
      if (nowMs - this.#writtenMs >= WRITE_EVERY_MS) await this.#write();
    });
  }

  /** The days of a span that the log knows, both ends included. What cannot be read is told and left out. */
  async days(from: string, to: string): Promise<AsRunDay[]> {
    await this.#turn;
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => NAME.test(name)).sort();
    const found: AsRunDay[] = [];
    for (const name of names) {
      const day = name.slice(0, 10);
      if (day < from || day > to || day === this.#today?.day) continue;
      const read = await this.#read(day);
      if (read !== undefined) found.push(read);
    }
    if (this.#today !== undefined && from <= this.#today.day && this.#today.day <= to)
      found.push(this.#today);
    return found;
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    await this.tick();
    await this.#next(() => this.#write());
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#log.error(
        { code: codeOf(error), error: messageOf(error) },
        'the log of what was played has a hole',
      );
    });
    return this.#turn;
  }

  async #day(day: string): Promise<AsRunDay> {
    if (this.#today?.day === day) return this.#today;
    if (this.#today !== undefined) await this.#write();
    const read = (await this.#read(day)) ?? { day, entries: [], ranMs: 0, lost: 0 };
    await this.#prune();
    return read;
  }

  async #read(day: string): Promise<AsRunDay | undefined> {
    try {
      const text = await readIfPresent(this.#path(day));
      return text === undefined ? undefined : asRunDay.parse(JSON.parse(text));
    } catch (error) {
      this.#log.error({ day, error: messageOf(error) }, 'a day of the log cannot be read');
      return undefined;
    }
  }

  async #write(): Promise<void> {
    const today = this.#today;
    if (today === undefined) return;
    try {
      await writeAtomic(this.#path(today.day), JSON.stringify(today), 0o640);
      this.#writtenMs = this.#clock.monotonicMs();
      if (this.#failing) this.#log.info({ day: today.day }, 'the log of what was played is written again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#log.warn({ code: codeOf(error) }, 'the log of what was played stays in memory for now');
      this.#failing = true;
    }
  }

  async #prune(): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => NAME.test(name)).sort();
    for (const name of names.slice(0, Math.max(0, names.length - DAYS_KEPT)))
      await rm(join(this.#folder, name), { force: true });
  }

  #path(day: string): string {
    return join(this.#folder, `${day}.json`);
  }
}
