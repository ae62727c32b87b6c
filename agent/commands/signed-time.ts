import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Beat } from '../../protocols/messages/beat.js';
import type { EventBody } from '../../protocols/messages/up.js';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';
import { instant, type Clock } from '../core/clock.js';
import { accepted, messageOf, refused, type Outcome } from '../core/errors.js';
import { keptJson, type KeptFile } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import {
  clockAtStart,
  clockState,
  correctedMs,
  emergencyNow,
  floorNow,
  isStepped,
  lookAtClock,
  takeBeat,
  type BeatVerdict,
  type ClockState,
  type ClockTrust,
  type FreshDocument,
  type Moment,
} from './clock-trust.js';
import type { Freshness } from './may-accept.js';

const LOOK_EVERY_MS = 60_000;
const KEEP_EVERY_MS = 3_600_000;
const kept = z.object({
  floorMs: z.number(),
  freshMs: z.number(),
  journalId: z.string().max(64).optional(),
  /** Since when the journal reaches back, where one before it was lost: wall time, or not known by a confirmed clock. */
  journalSince: z.union([z.number(), z.literal('unconfirmed')]).optional(),
});
type Kept = z.infer<typeof kept>;
/** What says that this is no first start, apart from all that it stands for. */
const mark = z.object({ journalId: z.string().max(64) });

/** What the intake asks of the time. */
export interface TimeKeeper extends Clock {
  state(): ClockState;
  freshness(): Freshness;
  /** The earliest that it can be now, wall time in milliseconds. */
  floorMs(): number;
  /** Takes a beat whose signature and grant hold. */
  takeBeat(beat: Beat): Promise<Outcome<BeatVerdict>>;
  /** Something that the root or the enrolment signed says that it is not earlier than this. */
  lift(floorMs: number): Promise<void>;
}

/** What signed time stands on. */
export interface SignedTimeParts {
  /** The machine's own clock. */
  readonly clock: Clock;
  /** Whether it is only what it was set to at boot, see {@link Moment}; never where left out. */
  readonly isAsSet?: (now: Moment) => boolean;
  /** File of what outlives a run: floor, newest beat, id of the journal. The package's set-clock reads its `floorMs` too. */
  readonly path: string;
  /**
   * File of the id of the journal once more, in another folder: where the floor and the journal are both lost, it tells a loss from a
   * first start. None where left out.
   */
  readonly markPath?: string;
  /** It is not earlier than this, by what was signed at enrolment, wall time in milliseconds. */
  readonly floorMs: number;
  /** Without a beat for so long, trust is stale, milliseconds. */
  readonly staleAfterMs: number;
  readonly log: Log;
  readonly onEvent: (body: EventBody) => void;
  /** The floor was lifted by its limit only: another birth is to be sent. */
  readonly onAskAgain: () => void;
}

/** The clock of the program, held to what the province has signed; and how fresh its word is. */
export class SignedTime implements TimeKeeper {
  readonly #parts: SignedTimeParts;
  #trust: ClockTrust;
  #kept: Kept;
  #nonce: { readonly text: string; readonly madeMs: number } | undefined;
  #journalBegan: 'always' | { readonly monotonicMs: number } | { readonly wallMs: number } = 'always';
  #keptMs: number;
  readonly #file: KeptFile<Kept | undefined>;
  #cancel: () => void = () => undefined;
  #cancelAsk: () => void = () => undefined;
  #closed = false;
  readonly #alarms = new Set<string>();

  private constructor(parts: SignedTimeParts, file: KeptFile<Kept | undefined>, found: Kept) {
    this.#parts = parts;
    this.#file = file;
    this.#kept = found;
    this.#keptMs = parts.clock.monotonicMs();
    this.#trust = clockAtStart(Math.max(found.floorMs, parts.floorMs), this.#keptMs, found.freshMs);
    this.#look();
  }

  /** Reads what was kept. A first start counts as fresh: the receiver has just been enrolled. */
  static async open(parts: SignedTimeParts): Promise<SignedTime> {
    const { path, log } = parts;
    const file = keptJson<Kept | undefined>({
      path,
      parse: (value) => kept.parse(value),
      factory: undefined,
      log,
    });
    const found = await file.read();
    const journalId = await readMark(parts);
    if (found !== undefined) {
      return new SignedTime(parts, file, journalId === undefined ? found : { journalId, ...found });
    }
    const { floorMs } = parts;
    // It ran before, so nobody knows how long ago the province was heard.
    if (journalId !== undefined) return new SignedTime(parts, file, { floorMs, freshMs: floorMs, journalId });
    return new SignedTime(parts, file, { floorMs, freshMs: Math.max(parts.clock.nowMs(), floorMs) });
  }

  nowMs(): number {
    return correctedMs(this.#trust, this.#moment());
  }

  monotonicMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  after(afterMs: number, run: () => void): () => void {
    return this.#parts.clock.after(afterMs, run);
  }

  state(): ClockState {
    return clockState(this.#trust, this.#moment());
  }

  freshness(): Freshness {
    return this.nowMs() - this.#kept.freshMs > this.#parts.staleAfterMs ? 'stale' : 'fresh';
  }

  floorMs(): number {
    return floorNow(this.#trust, this.#moment());
  }

  /** The time that emergencies are judged by, wall time in milliseconds: see clock-trust. @param fresh the set of one that came in this run */
  emergencyMs(fresh?: FreshDocument): number {
    return emergencyNow(this.#trust, this.#moment(), fresh);
  }

  /** The newest beat's time, or the first start's, wall time in milliseconds. */
  get freshMs(): number {
    return this.#kept.freshMs;
  }

  /** A new nonce for a birth; only the newest is waited for. */
  newNonce(): string {
    this.#nonce = { text: randomBytes(12).toString('base64url'), madeMs: this.monotonicMs() };
    return this.#nonce.text;
  }

  async takeBeat(beat: Beat): Promise<Outcome<BeatVerdict>> {
    const beatMs = Date.parse(beat.at);
    const asked = beat.nonce !== undefined && beat.nonce === this.#nonce?.text ? this.#nonce : undefined;
    const { trust, verdict } = takeBeat(this.#trust, beatMs, asked?.madeMs, this.#moment());
    const by = { authority: beat.authority };
    if (verdict === 'old') return refused('E_COMMAND_TIME', `the beat of ${beat.at} is older than known`, by);
    if (verdict === 'future') return refused('E_COMMAND_TIME', `a beat from the future: ${beat.at}`, by);
    this.#trust = trust;
    if (verdict === 'limited') {
      this.#parts.log.warn({ at: beat.at }, 'the time of a beat is far off: taken step by step');
      this.#cancelAsk();
      if (!this.#closed) this.#cancelAsk = this.after(LOOK_EVERY_MS, () => this.#parts.onAskAgain());
    }
    const heardMs = Math.max(this.#kept.freshMs, Math.min(beatMs, this.nowMs()));
    // A first start with a clock in 2099 must not count as fresh until then.
    const freshMs = verdict === 'confirmed' ? Math.min(heardMs, this.nowMs()) : heardMs;
    // A disk that takes nothing must not keep the beat away: the time is known all the same, until the next start.
    await this.#keep({ ...this.#kept, freshMs }).catch((error: unknown) =>
      this.#parts.log.warn({ error: messageOf(error) }, 'the time is not kept'),
    );
    this.#look();
    return accepted(verdict);
  }

  async lift(floorMs: number): Promise<void> {
    const moment = this.#moment();
    if (floorMs <= floorNow(this.#trust, moment)) return;
    this.#trust = { ...this.#trust, floorMs, floorAtMs: moment.monotonicMs };
    await this.#keep(this.#kept);
  }

  /**
   * Tells since when the journal reaches back, wall time in milliseconds: for ever, unless it is not the one that was there
   * before. A journal that began in this run began at an instant of the monotonic clock, so that a clock that is put right later
   * neither opens the time before it nor shuts out what is new.
   * @param id of the journal found in the store; a new one where the store was empty
   */
  async journalSince(id: string): Promise<() => number> {
    const before = this.#kept.journalId;
    const since = this.#kept.journalSince;
    if (before === id && typeof since === 'number') this.#journalBegan = { wallMs: since };
    // Nobody knows when it began: it reaches back to this start for certain.
    const isNew = before !== undefined && before !== id;
    if (isNew || since === 'unconfirmed') this.#journalBegan = { monotonicMs: this.monotonicMs() };
    await this.#keep({ ...this.#kept, journalId: id });
    const { markPath } = this.#parts;
    if (markPath !== undefined && (await readMark(this.#parts)) !== id) {
      await writeAtomic(markPath, `${JSON.stringify({ journalId: id })}\n`, 0o640);
    }
    return () => this.#journalSinceMs();
  }

  /** Ends its timers and waits for what is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    this.#cancelAsk();
    await this.#file.idle();
  }

  #moment(): Moment {
    const { clock, isAsSet } = this.#parts;
    const moment = { systemMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    return { ...moment, isAsSet: isAsSet?.(moment) ?? false };
  }

  #journalSinceMs(): number {
    const began = this.#journalBegan;
    if (began === 'always') return -Infinity;
    return 'wallMs' in began ? began.wallMs : this.nowMs() - (this.monotonicMs() - began.monotonicMs);
  }

  #keep(now: Omit<Kept, 'floorMs'>): Promise<void> {
    const journalSince = this.#journalBegan === 'always' ? undefined : this.#keptSince();
    this.#keptMs = this.monotonicMs();
    this.#kept = { ...now, journalSince, floorMs: floorNow(this.#trust, this.#moment()) };
    return this.#file.write(this.#kept);
  }

  #keptSince(): number | 'unconfirmed' {
    const began = this.#journalBegan;
    const known = this.state() === 'trusted' || (began !== 'always' && 'wallMs' in began);
    return known ? this.#journalSinceMs() : 'unconfirmed';
  }

  /** Alarms of clock and freshness, once each until cleared; looked at each minute. */
  #look(): void {
    const moment = this.#moment();
    this.#trust = lookAtClock(this.#trust, moment);
    const fields = { system: instant(moment.systemMs), signed: instant(this.nowMs()) };
    this.#alarm('E_CLOCK_STEPPED', isStepped(this.#trust, moment), 'the system clock is off', fields);
    const since = { since: instant(this.#kept.freshMs) };
    this.#alarm('E_TRUST_STALE', this.freshness() === 'stale', 'no beat of the province', since);
    // Without beats the floor runs on, too: after a power cut it must not lie a day behind.
    if (moment.monotonicMs - this.#keptMs >= KEEP_EVERY_MS)
      inBackground(this.#keep(this.#kept), this.#parts.log, 'the time is not kept');
    this.#cancel();
    // A beat that was being taken when it was closed comes here after that.
    if (!this.#closed) this.#cancel = this.after(LOOK_EVERY_MS, () => this.#look());
  }

  #alarm(code: string, on: boolean, detail: string, fields: Record<string, string>): void {
    if (this.#alarms.has(code) === on) return;
    if (on) this.#alarms.add(code);
    else this.#alarms.delete(code);
    this.#parts.onEvent({ kind: on ? 'alarm' : 'cleared', code, detail, fields });
  }
}

/** For a receiver without signed time, and for tests: the machine's clock as it is, always fresh. */
export function plainTime(clock: Clock): TimeKeeper {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (afterMs, run) => clock.after(afterMs, run),
    state: () => 'unconfirmed',
    freshness: () => 'fresh',
    floorMs: () => clock.nowMs(),
    takeBeat: () => Promise.resolve(accepted('noted')),
    lift: () => Promise.resolve(),
  };
}

/** The journal's id beside the identity; a mark that is there but cannot be read names none that is right. */
async function readMark({ markPath, log }: SignedTimeParts): Promise<string | undefined> {
  if (markPath === undefined) return undefined;
  try {
    const text = await readIfPresent(markPath);
    return text === undefined ? undefined : mark.parse(JSON.parse(text)).journalId;
  } catch (error) {
    log.error({ path: markPath, error: messageOf(error) }, 'the mark of the first start is damaged');
    return 'unreadable';
  }
}
