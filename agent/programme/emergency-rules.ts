import {
  capTexts,
  capTitle,
  decideCap,
  readCap,
  supersededMs,
  type CapAlert,
  type CapInfo,
  type CapSilence,
  type Place,
  type SpokenLanguage,
} from '../../protocols/cap.js';
import type { StoredMessage } from '../../protocols/messages/desired.js';
import type { Emergency } from '../../protocols/messages/emergency.js';
import type { MessageSource } from '../../protocols/messages/sound-source.js';
import { instant } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { ChainSource } from '../sound/messages.js';

/** What this receiver's own settings and its assignment say about emergencies. */
export interface EmergencyRules {
  /** Exercises may be heard. A test never is. */
  readonly exercises: boolean;
  /** Languages that CAP documents are spoken in, in this order. */
  readonly languages: readonly SpokenLanguage[];
  /** Where the receiver stands. */
  readonly place: Place;
  /** The numbered messages that are kept here; none where left out. */
  readonly messages?: readonly StoredMessage[];
}

/** No exercises, Vietnamese, and nothing known of the place. */
export const PLAIN_RULES: EmergencyRules = { exercises: false, languages: ['vi'], place: {} };

/** Why an emergency is not heard here: its status, what its CAP document says, or a document that cannot be read. */
export type EmergencySilence = Emergency['status'] | CapSilence | ErrorCode;

/** An emergency as this receiver takes it. */
export interface JudgedEmergency {
  /** Narrowed by its CAP document: when it begins and ends, how grave it is, what it is called. */
  readonly emergency: Emergency;
  /** Undefined where it is heard. */
  readonly silence: EmergencySilence | undefined;
  /** Why a document could not be read. */
  readonly detail?: string;
  /** What is spoken of its CAP document. */
  readonly spoken: { readonly infos: readonly CapInfo[]; readonly exercise: boolean } | undefined;
}

type PieceSource = Extract<ChainSource, { kind: 'playlist' }>['items'][number]['source'];
type FileSound = Extract<PieceSource, { kind: 'file' }>;

/** Silence between two texts, or two languages, of one message. */
const BETWEEN_TEXTS_MS = 700;

/**
 * An emergency under this receiver's rules. Pure. Its CAP document only narrows: what the entry calls a test is none less
 * for a document that calls it actual.
 * @param others the CAP messages of the same authority in force here: an update or a cancellation ends what it names
 */
export function judgeEmergency(
  emergency: Emergency,
  rules: EmergencyRules,
  others: readonly CapAlert[],
): JudgedEmergency {
  const silence = byStatus(emergency.status, rules);
  const plain = { emergency, silence, spoken: undefined };
  if (emergency.cap === undefined) return plain;
  const alert = readCap(emergency.cap);
  if (!alert.ok) return { ...plain, silence: silence ?? alert.refusal.code, detail: alert.refusal.detail };
  const decision = decideCap(alert.value, rules.exercises, rules.place);
  if (decision.kind === 'silent') return { ...plain, silence: decision.reason };
  const endsMs = Math.min(
    Date.parse(emergency.endsAt),
    decision.endsMs ?? Infinity,
    supersededMs(alert.value, others),
  );
  const { infos, exercise } = decision;
  return {
    silence,
    spoken: { infos, exercise },
    emergency: {
      ...emergency,
      severity: decision.severity,
      title: capTitle(infos, rules.languages) ?? emergency.title,
      startsAt: later(emergency.startsAt, decision.startsMs),
      endsAt: endsMs < Date.parse(emergency.endsAt) ? isoOf(endsMs) : emergency.endsAt,
    },
  };
}

function byStatus(status: Emergency['status'], { exercises }: EmergencyRules): EmergencySilence | undefined {
  return status === 'actual' || (status === 'exercise' && exercises) ? undefined : status;
}

function later(text: string, ms: number): string {
  return ms > Date.parse(text) ? isoOf(ms) : text;
}

/** Also of a cancellation, which holds since ever. */
function isoOf(ms: number): string {
  return instant(Math.max(0, ms));
}

/** The CAP messages among emergencies; those that cannot be read are none. */
export function capAlertsOf(emergencies: readonly Emergency[]): CapAlert[] {
  return emergencies.flatMap(({ cap }) => {
    const alert = cap === undefined ? undefined : readCap(cap);
    return alert?.ok === true ? [alert.value] : [];
  });
}

/**
 * What an emergency sounds from, best first. Pure. The words of its CAP document come before the first stored sound: a recorded
 * file is better than the device's voice, a siren says less. Where nothing of it is known here, the siren is left.
 */
export function chainOf(judged: JudgedEmergency, rules: EmergencyRules, nowMs: number): ChainSource[] {
  const content = judged.emergency.content.flatMap((source) => resolved(source, rules));
  const speech = speechOf(judged, rules, nowMs);
  const stored = content.findIndex(({ kind }) => kind === 'stored');
  const at = stored < 0 ? content.length : stored;
  const chain = [...content.slice(0, at), ...speech, ...content.slice(at)];
  return chain.length > 0 ? chain : [{ kind: 'stored', name: 'siren' }];
}

/** The files that an emergency may sound from. Pure. */
export function filesOf({ content }: Emergency, rules: EmergencyRules): ChainSource[] {
  return content.flatMap((source) => resolved(source, rules));
}

/** What is spoken of its CAP document; nothing where there is none. */
function speechOf({ spoken }: JudgedEmergency, { languages }: EmergencyRules, nowMs: number): ChainSource[] {
  if (spoken === undefined) return [];
  const [first, ...more] = capTexts(spoken.infos, languages, spoken.exercise, nowMs);
  if (first === undefined) return [];
  return more.length === 0 ? [first] : [oneAfterTheOther([first, ...more])];
}

/** A numbered message is the files of its languages; none where it is not kept here. */
function resolved(source: Emergency['content'][number], { messages = [] }: EmergencyRules): ChainSource[] {
  if (source.kind !== 'message') return [source];
  const [first, ...more] = recordingsOf(source, messages);
  if (first === undefined) return [];
  return more.length === 0 ? [first] : [oneAfterTheOther([first, ...more])];
}

function recordingsOf({ number, languages }: MessageSource, messages: readonly StoredMessage[]): FileSound[] {
  const kept = messages.filter((one) => one.number === number);
  const wanted = languages?.flatMap((language) => kept.filter((one) => one.language === language)) ?? kept;
  return wanted.map(({ url, sha256 }) => ({ kind: 'file', url, sha256, onInterrupt: 'resume' }));
}

function oneAfterTheOther(sources: readonly PieceSource[]): ChainSource {
  const items = sources.map((source) => ({ source, pauseMs: BETWEEN_TEXTS_MS }));
  return { kind: 'playlist', loops: 1, items };
}
