import type { ErrorCode } from '../core/errors.js';
import type { AlarmRule, Severity } from './alarm-rules.js';

/** Values that go with an alarm. */
export type AlarmFields = Readonly<Record<string, string | number | boolean>>;

/** What is seen of one alarm now. `between` its two thresholds it is as it was. */
export interface Fact {
  readonly code: string;
  readonly is: 'on' | 'off' | 'between';
  readonly detail: string;
  readonly fields?: AlarmFields | undefined;
}

/** To be told to the province, in this order. */
export interface AlarmEffect {
  readonly kind: 'alarm' | 'cleared';
  readonly code: string;
  readonly detail: string;
  readonly fields: AlarmFields;
}

/** An alarm that was told, or is there and kept back. Instants of the monotonic clock, milliseconds. */
interface Watched {
  readonly input: 'on' | 'off' | 'unknown';
  /** Since when the input is so. */
  readonly sinceMs: number;
  /** Until when it was last known to be silent for the sake of another. */
  readonly silentMs: number;
  readonly detail: string;
  readonly fields: AlarmFields;
  /** The province knows of it. */
  readonly told: boolean;
  /** When it was told, within the last hour. */
  readonly raisedMs: readonly number[];
  /** How often it came since it was told last. */
  readonly returns: number;
}

/** All that is known of the alarms. Plain values. */
export interface AlarmState {
  readonly watched: ReadonlyMap<string, Watched>;
}

/** What outlives the program: alarms that the province knows of. */
export interface KeptAlarm {
  readonly code: string;
  readonly detail: string;
  /** How often it was told in the hour before. */
  readonly raised: number;
}

/** Nothing seen, nothing told. */
export const NO_ALARMS: AlarmState = { watched: new Map() };

/** An hour, milliseconds: the window in which one alarm is told at most {@link RAISES_AN_HOUR} times. */
export const HOUR_MS = 3_600_000;
/** After so many within the hour it is unstable: it stays until it has been gone for an hour. */
export const RAISES_AN_HOUR = 3;
/** What was told before a restart and is looked at by nobody any more is cleared after this. */
const FORGOTTEN_MS = 900_000;

/**
 * Takes what is seen and says what to tell. Each alarm is told once when it has lasted, cleared once when it has been gone for
 * its time; while one that it depends on is there it is silent, and its delay counts from the end of that. Call it with no facts at `nextMs`.
 */
export function alarmStep(
  rules: readonly AlarmRule[],
  before: AlarmState,
  facts: readonly Fact[],
  nowMs: number,
): { readonly state: AlarmState; readonly effects: AlarmEffect[]; readonly nextMs: number | undefined } {
  const watched = new Map(before.watched);
  for (const fact of facts) {
    if (!rules.some(({ code }) => code === fact.code)) continue;
    const seen = taken(watched.get(fact.code), fact, nowMs);
    if (seen !== undefined) watched.set(fact.code, seen);
  }
  const effects: AlarmEffect[] = [];
  const next: number[] = [];
  for (const rule of rules) {
    const one = watched.get(rule.code);
    if (one === undefined) continue;
    const { after, effect, atMs } = judged(rule, one, silentUntilMs(rules, watched, rule), nowMs);
    if (after === undefined) watched.delete(rule.code);
    else watched.set(rule.code, after);
    if (effect !== undefined) effects.push(effect);
    if (atMs !== undefined && atMs < Infinity) next.push(Math.max(atMs, nowMs + 1));
  }
  return { state: { watched }, effects, nextMs: next.length === 0 ? undefined : Math.min(...next) };
}

function taken(before: Watched | undefined, fact: Fact, nowMs: number): Watched | undefined {
  const { is, detail } = fact;
  if (is === 'between') return before;
  if (is === 'off' && before === undefined) return undefined;
  const fields = fact.fields ?? {};
  if (before === undefined) {
    const fresh = { silentMs: -Infinity, told: false, raisedMs: [], returns: 0 };
    return { input: is, sinceMs: nowMs, detail, fields, ...fresh };
  }
  if (before.input === is) return before;
  const returns = before.returns + (is === 'on' && before.told && before.input === 'off' ? 1 : 0);
  return { ...before, input: is, sinceMs: nowMs, detail, fields, returns };
}

/** Until when an alarm is silent for the sake of another; -Infinity where none is there. */
function silentUntilMs(
  rules: readonly AlarmRule[],
  watched: ReadonlyMap<string, Watched>,
  { dependsOn }: AlarmRule,
): number {
  const silencers = rules.filter(({ code }) => dependsOn.includes(code));
  return Math.max(-Infinity, ...silencers.map((parent) => silencesUntilMs(parent, watched.get(parent.code))));
}

/** Until when an alarm silences those that depend on it; Infinity while it is there, -Infinity where it does not. */
function silencesUntilMs(rule: AlarmRule, one: Watched | undefined): number {
  if (one === undefined) return -Infinity;
  if (one.input === 'on') return Infinity;
  return one.told && one.input === 'off' ? one.sinceMs + rule.clearAfterMs : -Infinity;
}

interface Judged {
  readonly after: Watched | undefined;
  readonly effect?: AlarmEffect;
  /** When to look again. */
  readonly atMs?: number;
}

function judged(rule: AlarmRule, one: Watched, silentMs: number, nowMs: number): Judged {
  const raisedMs = one.raisedMs.filter((atMs) => nowMs - atMs < HOUR_MS);
  const recent = { ...one, raisedMs };
  if (one.told) return one.input === 'on' ? { after: recent } : judgedGone(rule, recent, nowMs);
  // What was told within the hour counts on: the next one may be unstable.
  if (one.input !== 'on') return { after: raisedMs.length > 0 ? recent : undefined };
  if (silentMs > nowMs) {
    const endsMs = silentMs === Infinity ? nowMs : silentMs;
    return { after: { ...recent, silentMs: endsMs }, atMs: silentMs };
  }
  const dueMs = Math.max(one.sinceMs, one.silentMs) + rule.raiseAfterMs;
  if (dueMs > nowMs) return { after: recent, atMs: dueMs };
  const fields = { ...one.fields, severity: rule.severity };
  return {
    after: { ...recent, told: true, returns: 0, raisedMs: [...raisedMs, nowMs] },
    effect: { kind: 'alarm', code: rule.code, detail: one.detail, fields },
  };
}

function judgedGone(rule: AlarmRule, one: Watched, nowMs: number): Judged {
  const unstable = one.raisedMs.length >= RAISES_AN_HOUR;
  const dueMs =
    one.sinceMs + (one.input === 'unknown' ? FORGOTTEN_MS : unstable ? HOUR_MS : rule.clearAfterMs);
  if (dueMs > nowMs) return { after: one, atMs: Math.min(dueMs, silenceEndsMs(rule, one, nowMs)) };
  const detail = one.input === 'unknown' ? 'not watched any more' : one.detail;
  const fields = { ...one.fields, ...(one.returns > 0 ? { returns: one.returns } : {}) };
  return {
    after: { ...one, told: false, input: 'off', returns: 0 },
    effect: { kind: 'cleared', code: rule.code, detail, fields },
  };
}

/** An unstable alarm silences others no longer than a steady one. */
function silenceEndsMs(rule: AlarmRule, one: Watched, nowMs: number): number {
  const endMs = one.sinceMs + rule.clearAfterMs;
  return endMs > nowMs ? endMs : Infinity;
}

/** An alarm in force, for a person. */
export interface AlarmInForce {
  readonly code: ErrorCode;
  readonly severity: Severity;
  readonly detail: string;
  readonly fields: AlarmFields;
  /** Milliseconds since it is so. */
  readonly ageMs: number;
  /** `waiting`: not yet told; `silent`: a consequence of another; `ending`: gone, and that is not told yet. */
  readonly kind: 'told' | 'waiting' | 'silent' | 'ending';
}

/** What is there or was told, in the order of the rules. Pure. */
export function alarmsInForce(
  rules: readonly AlarmRule[],
  { watched }: AlarmState,
  nowMs: number,
): AlarmInForce[] {
  return rules.flatMap((rule): AlarmInForce[] => {
    const one = watched.get(rule.code);
    if (one === undefined || (!one.told && one.input !== 'on')) return [];
    const silent = silentUntilMs(rules, watched, rule) > nowMs;
    const kind = one.told ? (one.input === 'on' ? 'told' : 'ending') : silent ? 'silent' : 'waiting';
    const { code, severity } = rule;
    return [{ code, severity, detail: one.detail, fields: one.fields, ageMs: nowMs - one.sinceMs, kind }];
  });
}

/** What is to be kept: whatever was told and not cleared. */
export function alarmsToKeep({ watched }: AlarmState): KeptAlarm[] {
  return [...watched]
    .filter(([, { told }]) => told)
    .map(([code, { detail, raisedMs }]) => ({ code, detail, raised: raisedMs.length }));
}

/** The alarms that the province knows of from before a restart: told, and not seen yet. */
export function revivedAlarms(kept: readonly KeptAlarm[], nowMs: number): AlarmState {
  const watched = new Map<string, Watched>();
  for (const { code, detail, raised } of kept) {
    const raisedMs = Array.from({ length: Math.min(raised, RAISES_AN_HOUR) }, () => nowMs);
    const base = { input: 'unknown', sinceMs: nowMs, silentMs: -Infinity, fields: {} } as const;
    watched.set(code, { ...base, detail, told: true, raisedMs, returns: 0 });
  }
  return { watched };
}
