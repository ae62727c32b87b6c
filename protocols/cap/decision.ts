import type { Emergency } from '../messages/emergency.js';
import type { CapAlert, CapInfo, CapName } from './alert.js';
import { whetherIn, type Place, type Whether } from './geometry.js';

/** Why a CAP message is not heard here. */
export type CapSilence =
  | 'test'
  | 'system'
  | 'draft'
  | 'exercise'
  | 'cancel'
  | 'acknowledgement'
  | 'error'
  | 'not-public'
  | 'no-info'
  | 'past'
  | 'unlikely'
  | 'elsewhere';

/** What becomes of a CAP message at a receiver. */
export type CapDecision =
  | { readonly kind: 'silent'; readonly reason: CapSilence }
  | {
      readonly kind: 'heard';
      /** It is an exercise, and this receiver may let exercises be heard: said before each text. */
      readonly exercise: boolean;
      readonly severity: Emergency['severity'];
      /** When the first of its infos takes effect, and when the last has expired; undefined where one never does. */
      readonly startsMs: number;
      readonly endsMs: number | undefined;
      /** Those that concern this receiver, in the order of the message. */
      readonly infos: readonly CapInfo[];
      /** `unknown` where neither position nor geocodes could tell: then it is heard, as its signed slot is this receiver's. */
      readonly place: Exclude<Whether, 'outside'>;
    };

const STATUS_SILENCE = { Test: 'test', System: 'system', Draft: 'draft' } as const;
const TYPE_SILENCE = { Cancel: 'cancel', Ack: 'acknowledgement', Error: 'error' } as const;
const SEVERITY = {
  Extreme: 'extreme',
  Severe: 'severe',
  Moderate: 'moderate',
  // Clause 3.2.2 gives no rank to what is unknown: neither the loudest nor the last in turn.
  Unknown: 'moderate',
  Minor: 'minor',
} as const;
const RANK: readonly Emergency['severity'][] = ['minor', 'moderate', 'severe', 'extreme'];

/**
 * Whether a receiver lets a CAP message be heard (CAP-v1.2-os, clause 3.2). Pure; the time is not asked: see `startsMs` and
 * `endsMs`. Only `Actual` is heard, and `Exercise` where this receiver may; only `Alert` and `Update`; only what is `Public`; of
 * its infos those whose area may hold the receiver, whose urgency is not `Past` and whose certainty is not `Unlikely`.
 */
export function decideCap(alert: CapAlert, exercises: boolean, place: Place): CapDecision {
  const early = silenceOf(alert, exercises);
  if (early !== undefined) return { kind: 'silent', reason: early };
  const placed = alert.infos.map((info) => ({
    info,
    where: info.areas.length === 0 ? ('unknown' as const) : whetherIn(info.areas, place),
  }));
  const here = placed.filter(({ where }) => where !== 'outside');
  const relevant = here.filter(({ info }) => info.urgency !== 'Past' && info.certainty !== 'Unlikely');
  if (here.length === 0) return { kind: 'silent', reason: 'elsewhere' };
  if (relevant.length === 0) {
    const past = here.some(({ info }) => info.urgency === 'Past');
    return { kind: 'silent', reason: past ? 'past' : 'unlikely' };
  }
  const infos = relevant.map(({ info }) => info);
  const ends = infos.map(({ expiresMs }) => expiresMs ?? Infinity);
  const endsMs = Math.max(...ends);
  return {
    kind: 'heard',
    exercise: alert.status === 'Exercise',
    severity: severityOf(infos),
    startsMs: Math.min(...infos.map(({ effectiveMs }) => effectiveMs ?? alert.sentMs)),
    endsMs: endsMs === Infinity ? undefined : endsMs,
    infos,
    place: relevant.some(({ where }) => where === 'inside') ? 'inside' : 'unknown',
  };
}

function silenceOf(
  { status, messageType, scope, infos }: CapAlert,
  exercises: boolean,
): CapSilence | undefined {
  if (status !== 'Actual' && status !== 'Exercise') return STATUS_SILENCE[status];
  if (status === 'Exercise' && !exercises) return 'exercise';
  if (messageType !== 'Alert' && messageType !== 'Update') return TYPE_SILENCE[messageType];
  if (scope !== 'Public') return 'not-public';
  return infos.length === 0 ? 'no-info' : undefined;
}

/** The gravest; that a danger is over is told as the least of them. */
function severityOf(infos: readonly CapInfo[]): Emergency['severity'] {
  const ranks = infos.map(({ severity, responses }) =>
    responses.length > 0 && responses.every((one) => one === 'AllClear')
      ? 0
      : RANK.indexOf(SEVERITY[severity]),
  );
  return RANK[Math.max(...ranks)] ?? 'moderate';
}

/** Do two names mean one message? */
export function sameCap(a: CapName, b: CapName): boolean {
  return a.sender === b.sender && a.identifier === b.identifier && a.sentMs === b.sentMs;
}

/**
 * From when on a message is superseded by another of the same authority, Unix milliseconds; Infinity where it is not. A
 * cancellation holds at once, an update from when its first info takes effect, so that no silence lies between the two. A test or an
 * exercise takes nothing away from what is actual: both must have the same status.
 */
export function supersededMs(alert: CapAlert, by: readonly CapAlert[]): number {
  const times = by
    .filter(
      ({ status, references }) => status === alert.status && references.some((one) => sameCap(one, alert)),
    )
    .map(({ messageType, sentMs, infos }) => {
      if (messageType === 'Cancel') return -Infinity;
      if (messageType !== 'Update') return Infinity;
      return Math.min(
        ...infos.map(({ effectiveMs }) => effectiveMs ?? sentMs),
        infos.length === 0 ? sentMs : Infinity,
      );
    });
  return Math.min(Infinity, ...times);
}
