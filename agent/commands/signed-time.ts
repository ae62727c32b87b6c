import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Beat } from '../../protocols/messages/beat.js';
import type { EventBody } from '../../protocols/messages/up.js';
import { readKept, writeKept } from '../core/kept-file.js';
import { instant, type Clock } from '../core/clock.js';
import { accepted, refused, type Outcome } from '../core/errors.js';
import type { Log } from '../core/log.js';
import {
  clockAtStart,
  clockState,
  correctedMs,
  floorNow,
  isStepped,
  takeBeat,
  type BeatVerdict,
  type ClockState,
  type ClockTrust,
  type Moment,
} from './clock-trust.js';
import type { Freshness } from './may-accept.js';

const LOOK_EVERY_MS = 60_000;
const kept = z.object({ floorMs: z.number(), freshMs: z.number(), journalId: z.string().max(64).optional() });
type Kept = z.infer<typeof kept>;

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
  /** File of what outlives a run: floor, newest beat, id of the journal. */
  readonly path: string;
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
  #cancel: () => void = () => undefined;
  #cancelAsk: () => void = () => undefined;
  readonly #alarms = new Set<string>();

  private constructor(parts: SignedTimeParts, found: Kept) {
    this.#parts = parts;
    this.#kept = found;
    this.#trust = clockAtStart(Math.max(found.floorMs, parts.floorMs), parts.clock.monotonicMs());
    this.#look();
  }

  /** Reads what was kept. A first start counts as fresh: the receiver has just been enrolled. */
  static async open(parts: SignedTimeParts): Promise<SignedTime> {
    const found = await readTime(parts);
    const startMs = Math.max(parts.clock.nowMs(), parts.floorMs);
    return new SignedTime(parts, found ?? { floorMs: parts.floorMs, freshMs: startMs });
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
      this.#cancelAsk = this.after(LOOK_EVERY_MS, () => this.#parts.onAskAgain());
    }
    const freshMs = Math.max(this.#kept.freshMs, Math.min(beatMs, this.nowMs()));
    await this.#keep({ ...this.#kept, freshMs });
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
   * Since when the journal reaches back, wall time in milliseconds: for ever, unless it is not the one that was there before.
   * @param id of the journal found in the store; a new one where the store was empty
   */
  async journalSince(id: string): Promise<number> {
    const before = this.#kept.journalId;
    if (before === id) return -Infinity;
    await this.#keep({ ...this.#kept, journalId: id });
    return before === undefined ? -Infinity : this.nowMs();
  }

  /** Ends its timers. */
  close(): void {
    this.#cancel();
    this.#cancelAsk();
  }

  #moment(): Moment {
    const { clock } = this.#parts;
    return { systemMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  async #keep(now: Omit<Kept, 'floorMs'>): Promise<void> {
    this.#kept = { ...now, floorMs: floorNow(this.#trust, this.#moment()) };
    await writeKept(this.#parts.path, JSON.stringify(this.#kept), 0o640);
  }

  /** Alarms of clock and freshness, once each until cleared; looked at each minute. */
  #look(): void {
    const moment = this.#moment();
    const fields = { system: instant(moment.systemMs), signed: instant(this.nowMs()) };
    this.#alarm('E_CLOCK_STEPPED', isStepped(this.#trust, moment), 'the system clock is off', fields);
    const since = { since: instant(this.#kept.freshMs) };
    this.#alarm('E_TRUST_STALE', this.freshness() === 'stale', 'no beat of the province', since);
    this.#cancel();
    this.#cancel = this.after(LOOK_EVERY_MS, () => this.#look());
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

/** What cannot be read counts as lost, and is told: then the last good one holds, or the floor is the enrolment's. */
async function readTime({ path, log }: SignedTimeParts): Promise<Kept | undefined> {
  const { text, from, why } = await readKept(path, (found) => void kept.parse(JSON.parse(found)));
  if (why !== undefined) log.error({ path, from, error: why }, 'what was known of the time is lost');
  return text === undefined ? undefined : kept.parse(JSON.parse(text));
}
