import { instant } from '../../agent/core/clock.js';
import { LoaError } from '../../agent/core/errors.js';
import { capTitle, decideCap, readCap, sameCap, type CapAlert } from '../../protocols/cap.js';
import { LONGEST_EMERGENCY_MS, type Emergency } from '../../protocols/messages/emergency.js';
import { readInput, send, type Desk } from './operator-verbs.js';
import type { EmergencyRequest } from './province.js';

const STATUS = {
  Actual: 'actual',
  Exercise: 'exercise',
  System: 'test',
  Test: 'test',
  Draft: 'test',
} as const satisfies Record<CapAlert['status'], Emergency['status']>;

/** How a CAP document is put in force where it does not say. */
export interface CapWrapping {
  readonly nowMs: number;
  /** How long it is in force where it does not expire, milliseconds. */
  readonly forMs: number;
  readonly repeatEveryMs: number;
  /** What sounds where its words cannot be spoken. */
  readonly stored: 'chime' | 'siren';
}

/**
 * The emergencies of a slot with a CAP document put among them: an alert is added, an update takes the place of what it
 * names, a cancellation takes that away. Every document travels whole, so that each receiver decides by itself.
 * @throws LoaError `E_CAP_*` for what is no CAP 1.2, `E_USAGE` for what there is nothing to do about
 */
export function withCap(
  before: readonly Emergency[],
  document: string,
  wrapping: CapWrapping,
): EmergencyRequest[] {
  const read = readCap(document);
  if (!read.ok) throw new LoaError(read.refusal.code, read.refusal.detail);
  const alert = read.value;
  const { messageType } = alert;
  if (messageType === 'Ack' || messageType === 'Error')
    throw new LoaError('E_USAGE', `${messageType}: a message between systems; nothing to send to receivers`);
  const stays = before.filter(({ cap }) => !(cap !== undefined && isNamedBy(cap, alert)));
  if (messageType === 'Cancel') {
    if (stays.length === before.length)
      throw new LoaError('E_USAGE', 'what it cancels is not in force there');
    return stays;
  }
  return [...stays, requestOf(alert, document, wrapping)];
}

function isNamedBy(cap: string, { references, status }: CapAlert): boolean {
  const known = readCap(cap);
  return known.ok && known.value.status === status && references.some((one) => sameCap(one, known.value));
}

function requestOf(alert: CapAlert, cap: string, wrapping: CapWrapping): EmergencyRequest {
  const { nowMs, forMs, repeatEveryMs, stored } = wrapping;
  // For no place and with exercises: what is true of it wherever it goes.
  const decision = decideCap({ ...alert, status: 'Actual', scope: 'Public' }, true, {});
  if (decision.kind === 'silent')
    throw new LoaError('E_USAGE', `nothing to be heard of it: ${decision.reason}`);
  const startsMs = Math.max(decision.startsMs, nowMs);
  const endsMs = Math.min(decision.endsMs ?? startsMs + forMs, startsMs + LONGEST_EMERGENCY_MS);
  if (endsMs <= nowMs) throw new LoaError('E_USAGE', `it expired at ${instant(endsMs)}`);
  return {
    status: STATUS[alert.status],
    severity: decision.severity,
    title: capTitle(decision.infos, ['vi', 'en']) ?? alert.identifier,
    startsAt: instant(startsMs),
    endsAt: instant(endsMs),
    repeatEveryMs,
    content: [{ kind: 'stored', name: stored }],
    cap,
  };
}

/** `cap`: puts a CAP 1.2 document in force. */
export async function cap({ args, folder, clock, say }: Desk): Promise<void> {
  const slot = args.slot();
  const by = args.text('as') ?? 'province';
  const bytes = await readInput(args.word);
  const requests = withCap(await folder.province.emergencies(by, slot), textOf(bytes), {
    nowMs: clock.nowMs(),
    forMs: Math.round((args.number('minutes', 0.01, 7 * 1440) ?? 60) * 60_000),
    repeatEveryMs: Math.round((args.number('every', 30, 86_400) ?? 60) * 1000),
    stored: args.oneOf('else', ['chime', 'siren']) ?? 'siren',
  });
  const publication = await folder.province.emergencySet(by, slot, requests);
  await send(folder, publication);
  const { revision, body } = publication.message;
  say(`Published on ${publication.topic}, revision ${revision}: ${body.emergencies.length} in force`);
  const last = body.emergencies.at(-1);
  if (last?.cap !== undefined) say(`Emergency ${last.id} (${last.status}), until ${last.endsAt}`);
}

/** @throws LoaError `E_CAP_XML` for bytes that are no UTF-8 */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LoaError('E_CAP_XML', 'the file is not in UTF-8', { cause });
  }
}
