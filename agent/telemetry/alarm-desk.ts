import { z } from 'zod';
import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';
import { instant } from '../core/clock.js';
import { explain, type Language } from '../core/errors.js';
import type { KeptFile } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { AlarmRule } from './alarm-rules.js';
import {
  alarmsInForce,
  alarmStep,
  alarmsToKeep,
  NO_ALARMS,
  revivedAlarms,
  type AlarmInForce,
  type AlarmState,
  type Fact,
  type KeptAlarm,
} from './alarm-state.js';

/** Alarms that outlive the program, as they are kept. */
export const keptAlarms = z
  .array(
    z.object({
      code: z.string().max(42),
      detail: z.string().max(300),
      raised: z.int().min(0).max(100),
    }),
  )
  .max(100);

/** So long is looked for the cause of an alarm before it is told, milliseconds. */
const CAUSES_LIMIT_MS = 500;

/** An alarm as a technician sees it. */
export interface AlarmView extends Omit<AlarmInForce, 'ageMs'> {
  /** RFC 3339. */
  readonly since: string;
  /** Cause and remedy in both languages. */
  readonly text: Readonly<Record<Language, { readonly cause: string; readonly remedy: string }>>;
}

/** What the desk stands on. */
export interface AlarmDeskParts {
  readonly rules: readonly AlarmRule[];
  readonly clock: Clock;
  readonly log: Log;
  /** Where an event goes that is to be told. */
  readonly tell: (body: EventBody) => void;
  /** Where alarms are kept that the province knows of; undefined: nowhere. */
  readonly file: KeptFile<KeptAlarm[]> | undefined;
}

/** Runs {@link alarmStep}: takes facts from whoever sees something, tells what is to be told, and keeps what was told. */
export class AlarmDesk {
  readonly #parts: AlarmDeskParts;
  #state: AlarmState;
  #cancel: () => void = () => undefined;
  #closed = false;
  /** What others tell waits here for a look at its causes; one after the other. */
  #waiting: Promise<void> = Promise.resolve();
  /** Looks at what may be the cause of an alarm that somebody else tells: the mains go and the card goes with them. */
  causes: (() => Promise<void>) | undefined;

  private constructor(parts: AlarmDeskParts, state: AlarmState) {
    this.#parts = parts;
    this.#state = state;
    this.take([]);
  }

  /** Opens it with the alarms of the run before; a file that cannot be read is as none. */
  static async open(parts: AlarmDeskParts): Promise<AlarmDesk> {
    const kept = (await parts.file?.read().catch(() => undefined)) ?? [];
    const known = kept.filter(({ code }) => parts.rules.some((rule) => rule.code === code));
    const state = known.length === 0 ? NO_ALARMS : revivedAlarms(known, parts.clock.monotonicMs());
    return new AlarmDesk(parts, state);
  }

  /** Takes what is seen now; what is not named is as it was. */
  take(facts: readonly Fact[]): void {
    if (this.#closed) return;
    const { rules, clock, tell, file, log } = this.#parts;
    const { state, effects, nextMs } = alarmStep(rules, this.#state, facts, clock.monotonicMs());
    this.#state = state;
    for (const { kind, code, detail, fields } of effects) tell({ kind, code, detail, fields });
    if (effects.length > 0 && file !== undefined)
      inBackground(file.write(alarmsToKeep(state)), log, 'alarms not kept');
    this.#cancel();
    this.#cancel = () => undefined;
    if (nextMs !== undefined) this.#cancel = clock.after(nextMs - clock.monotonicMs(), () => this.take([]));
  }

  /** Takes an event that somebody tells by itself: one that is a state becomes a fact, any other goes on as it is. */
  event(body: EventBody): void {
    const { kind, code, detail, fields } = body;
    const isState =
      (kind === 'alarm' || kind === 'cleared') && this.#parts.rules.some((rule) => rule.code === code);
    if (!isState) {
      this.#parts.tell(body);
      return;
    }
    const facts: Fact[] = [{ code, is: kind === 'alarm' ? 'on' : 'off', detail, fields }];
    const { causes } = this;
    if (causes === undefined) this.take(facts);
    else this.#waiting = this.#waiting.then(() => this.#lookFirst(causes)).then(() => this.take(facts));
  }

  /** Resolves when everything that was told so far has been taken. */
  idle(): Promise<void> {
    return this.#waiting;
  }

  /** A sensor that hangs keeps no alarm back for long. */
  async #lookFirst(causes: () => Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.#parts.clock.after(CAUSES_LIMIT_MS, resolve);
    });
    await Promise.race([causes().catch(() => undefined), limit]);
    cancel();
  }

  /** What is there, or was told and is not cleared. */
  alarms(): AlarmView[] {
    const { rules, clock } = this.#parts;
    return alarmsInForce(rules, this.#state, clock.monotonicMs()).map(({ ageMs, ...alarm }) => {
      const since = instant(clock.nowMs() - ageMs);
      return { ...alarm, since, text: { vi: explain(alarm.code, 'vi'), en: explain(alarm.code, 'en') } };
    });
  }

  /** Codes that the province knows of, for telemetry. */
  told(): string[] {
    return alarmsToKeep(this.#state).map(({ code }) => code);
  }

  /** Nothing is told any more; resolves when nothing is being kept any more. */
  async close(): Promise<void> {
    await this.#waiting;
    this.#closed = true;
    this.#cancel();
    await this.#parts.file?.idle();
  }
}
