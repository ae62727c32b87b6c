import type { AmplifierStatus } from '../../../hardware/types.js';
import type { PermittedHours } from '../../../protocols/messages/desired.js';
import type { PathTestResult } from '../../programme/path-test.js';
import type { LineResult } from '../line-view.js';
import type { Status } from '../status.js';
import type { TrustView } from '../trust-view.js';
import type { AcceptanceItem, AcceptanceReason, AcceptanceWords } from './acceptance-record.js';

/** What the receiver itself has found, and what a person said. Wall times, milliseconds. */
export interface AcceptanceFacts {
  readonly nowMs: number;
  readonly words: AcceptanceWords;
  readonly certificate: {
    readonly fingerprint: string;
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
  };
  readonly trust: Pick<TrustView, 'version' | 'clock' | 'freshness' | 'since' | 'authorities'>;
  readonly status: Pick<Status, 'link' | 'sink'>;
  /** The broker in use, and how long a connection to it took; undefined where it goes through a proxy. */
  readonly broker: string;
  readonly connectMs?: readonly number[];
  readonly path?: PathTestResult;
  /** When a tone was last made on site. */
  readonly toneMs?: number;
  readonly line: LineMeasured;
  readonly amplifier?: AmplifierStatus;
  /** Of the province; undefined where it has set none. */
  readonly hours?: PermittedHours;
  readonly gate: { readonly normal: string; readonly priority: string };
  readonly power: {
    /** Undefined where nothing tells. */
    readonly mains?: boolean;
    /** When the alarm of lost mains was last put out. */
    readonly lostMs?: number;
    /** All that was put out has been acknowledged. */
    readonly sent: boolean;
  };
}

/** What became of the measurement of the loudspeaker line. */
export type LineMeasured =
  | { readonly kind: 'none' }
  | { readonly kind: 'declined' }
  | { readonly kind: 'measured'; readonly result: LineResult }
  | { readonly kind: 'refused'; readonly code: string };

/** A tone or a cut of the mains of longer ago is not of this acceptance. */
export const TRIAL_MS = 15 * 60_000;

const DAY_MS = 86_400_000;

type Facts = AcceptanceItem['facts'];

/** The items of a record: what was not tried is never passed, whatever anybody says. Pure. */
export function acceptanceItems(facts: AcceptanceFacts): AcceptanceItem[] {
  return [
    identityItem(facts),
    trustItem(facts),
    linkItem(facts),
    hoursItem(facts),
    pathItem(facts),
    soundItem(facts),
    lineItem(facts),
    amplifierItem(facts),
    powerItem(facts),
  ];
}

/** One item: passed without a reason, failed or not tried with one. */
function judged(
  id: AcceptanceItem['id'],
  facts: Facts,
  failed?: AcceptanceReason,
  code?: string,
): AcceptanceItem {
  return {
    ...{ id, verdict: failed === undefined ? 'passed' : 'failed', by: 'receiver', facts },
    ...(failed === undefined ? {} : { reason: failed }),
    ...(code === undefined ? {} : { code: code.slice(0, 60) }),
  };
}

function notTried(
  id: AcceptanceItem['id'],
  reason: AcceptanceReason,
  facts: Facts = {},
  code?: string,
): AcceptanceItem {
  return {
    ...{ id, verdict: 'not tried', by: 'receiver', reason, facts },
    ...(code === undefined ? {} : { code: code.slice(0, 60) }),
  };
}

function identityItem({ nowMs, certificate }: AcceptanceFacts): AcceptanceItem {
  const { fingerprint, notBeforeMs, notAfterMs } = certificate;
  const facts = { fingerprint, days: Math.floor((notAfterMs - nowMs) / DAY_MS) };
  return judged('identity', facts, nowMs < notBeforeMs || nowMs >= notAfterMs ? 'expired' : undefined);
}

function trustItem({ trust }: AcceptanceFacts): AcceptanceItem {
  const here = trust.authorities.filter(
    ({ here: isHere, keys, revokedSince }) => isHere && keys > 0 && revokedSince === undefined,
  ).length;
  const facts = { version: trust.version, beat: trust.since, clock: trust.clock, authorities: here };
  if (trust.freshness === 'stale') return judged('trust', facts, 'stale');
  if (trust.clock !== 'trusted') return judged('trust', facts, 'clock');
  return judged('trust', facts, here === 0 ? 'no-authority' : undefined);
}

function linkItem({ status, broker, connectMs }: AcceptanceFacts): AcceptanceItem {
  const { kind, lastError, refusedTopics = [], mqttVersion } = status.link;
  const sorted = [...(connectMs ?? [])].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const facts = {
    ...{ broker, mqtt: mqttVersion ?? 0, refusedTopics: refusedTopics.length },
    ...(median === undefined ? {} : { connectMs: Math.round(median) }),
  };
  if (kind !== 'up') return judged('link', facts, 'link-down', lastError?.code);
  return judged('link', facts, refusedTopics.length > 0 ? 'refused-topics' : undefined);
}

function hoursItem({ hours, gate }: AcceptanceFacts): AcceptanceItem {
  if (hours === undefined) return notTried('hours', 'default-hours', { ...gate });
  const spans = (of: PermittedHours['normal']): string =>
    of
      .map(({ from, to }) => `${from}–${to}`)
      .join(' ')
      .slice(0, 200);
  return judged('hours', {
    ...{ normal: spans(hours.normal), priority: spans(hours.priority) },
    ...{ gateNormal: gate.normal, gatePriority: gate.priority },
  });
}

function pathItem({ path }: AcceptanceFacts): AcceptanceItem {
  if (path === undefined) return notTried('path', 'busy');
  const { ok, verified, framesConsumed, tookMs, code } = path;
  const facts = { verified, frames: framesConsumed, tookMs };
  if (ok) return judged('path', facts);
  return code === 'E_COMMAND_BUSY'
    ? notTried('path', 'busy', facts, code)
    : judged('path', facts, 'failed', code ?? 'E_PATH_TEST');
}

function soundItem({ status, words, toneMs, nowMs }: AcceptanceFacts): AcceptanceItem {
  const { kind, ok, code, underruns } = status.sink;
  const facts = { sink: kind, underruns };
  if (!ok) return judged('sound', facts, 'sink', code);
  // Nobody has heard what goes nowhere.
  if (kind === 'null' || kind === 'file') return notTried('sound', 'no-loudspeaker', facts);
  if (toneMs === undefined || nowMs - toneMs > TRIAL_MS) return notTried('sound', 'no-tone', facts);
  if (words.heard === undefined || words.words === 'none') return notTried('sound', 'nobody-asked', facts);
  const by = words.words === 'script' ? 'script' : 'person';
  return { ...judged('sound', facts, words.heard ? undefined : 'unheard'), by };
}

function lineItem({ line }: AcceptanceFacts): AcceptanceItem {
  if (line.kind === 'none') return notTried('line', 'no-sensor');
  if (line.kind === 'declined') return notTried('line', 'declined');
  if (line.kind === 'refused') return notTried('line', lineReason(line.code), {}, line.code);
  const { verdict, amplitude, aboveNoiseDb, sharePercent } = line.result;
  const facts = {
    ...{ verdict, amplitude, aboveNoiseDb },
    ...(sharePercent === undefined ? {} : { sharePercent }),
  };
  if (verdict === 'unsure') return { ...notTried('line', 'noisy', facts), by: 'sensor' };
  return { ...judged('line', facts, verdict === 'normal' ? undefined : 'load'), by: 'sensor' };
}

function lineReason(code: string): AcceptanceReason {
  if (code === 'E_LINE_SENSOR') return 'no-sensor';
  return code === 'E_LINE_CALIBRATION' ? 'not-calibrated' : 'busy';
}

function amplifierItem({ amplifier, toneMs, nowMs }: AcceptanceFacts): AcceptanceItem {
  if (amplifier === undefined) return notTried('amplifier', 'no-amplifier');
  const { phase, line, temperatureC, code, gainDb } = amplifier;
  const facts = { phase, line, gainDb, ...(temperatureC === undefined ? {} : { temperatureC }) };
  if (code !== undefined) return judged('amplifier', facts, 'fault', code);
  if (line !== 'normal') return judged('amplifier', facts, 'line-fault');
  // At rest it has shown nothing: a tone has opened it.
  return toneMs === undefined || nowMs - toneMs > TRIAL_MS
    ? notTried('amplifier', 'no-tone', facts)
    : judged('amplifier', facts);
}

function powerItem({ power, words, nowMs }: AcceptanceFacts): AcceptanceItem {
  const { mains, lostMs, sent } = power;
  if (mains === undefined) return notTried('power', 'no-mains-input');
  if (words.mainsCut === undefined || words.words === 'none')
    return notTried('power', 'nobody-asked', { mains });
  if (!words.mainsCut) return notTried('power', 'declined', { mains });
  const seen = lostMs !== undefined && nowMs - lostMs <= TRIAL_MS;
  const facts = { mains, seen, sent, ...(seen ? { agoS: Math.round((nowMs - lostMs) / 1000) } : {}) };
  if (!seen) return judged('power', facts, 'unseen');
  if (!mains) return judged('power', facts, 'still-off');
  return judged('power', facts, sent ? undefined : 'not-sent');
}
