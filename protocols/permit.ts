import { z } from 'zod';
import { accepted, refused, type Outcome } from '../agent/core/errors.js';
import { CLOCK_SKEW_MS, COUNTRY_OFFSET_MS, inValidity, standsAbove } from './authorise.js';
import type { KeyRing, RingKey } from './key-ring.js';
import type { Assignment } from './messages/assignment.js';
import { identifier, instantText, messageId } from './messages/common.js';
import { headerOf, openSigned, TYP } from './signed-message.js';
import { parseStrictJson } from './strict-json.js';
import { firstIssue } from './trust-document.js';

/** Longest life of a permit, milliseconds. */
const LIFE_MS = 92 * 86_400_000;

/**
 * Leave to make sound on site outside the permitted hours, for these receivers on these days of the country (UTC+7, from
 * midnight to midnight). A technician carries it: it comes by no topic, and holds as often as it is shown.
 */
export const permit = z
  .strictObject({
    type: z.literal('permit'),
    id: messageId,
    authority: identifier,
    issuedAt: instantText,
    expiresAt: instantText,
    receivers: z.array(identifier).min(1).max(100),
    days: z.array(z.iso.date()).min(1).max(31),
  })
  .meta({ id: 'Permit', title: 'Sound on site outside the permitted hours' });

/** A permit, as signed. */
export type Permit = z.infer<typeof permit>;

/** What a receiver knows of itself when a permit is shown to it. */
export interface PermitStanding {
  readonly receiver: string;
  readonly assignment: Assignment | undefined;
  readonly nowMs: number;
}

const header = headerOf([TYP.permit]);

/** Reads a permit as it was signed (compact JWS) and judges it: signature, schema, {@link permitHolds}. */
export function readPermit(signed: string, ring: KeyRing, standing: PermitStanding): Outcome<Permit> {
  const opened = openSigned(new TextEncoder().encode(signed), ring, header);
  if (!opened.ok) return opened;
  const { payload, key } = opened.value;
  const by = { authority: key.authority.id };
  const json = parseStrictJson(payload);
  if (!json.ok) return refused('E_MESSAGE_GARBAGE', json.refusal.detail, by);
  const parsed = permit.safeParse(json.value);
  if (!parsed.success) return refused('E_MESSAGE_SCHEMA', firstIssue(parsed.error), by);
  const holds = permitHolds(parsed.data, key, standing);
  return holds.ok ? accepted(parsed.data) : refused(holds.refusal.code, holds.refusal.detail, by);
}

/** Does this permit hold here and now? Pure; the signature has been verified. */
export function permitHolds(asked: Permit, key: RingKey, standing: PermitStanding): Outcome<undefined> {
  const { authority } = key;
  const { assignment, nowMs, receiver } = standing;
  const valid = inValidity(key, { nowMs });
  if (!valid.ok) return valid;
  if (asked.authority !== authority.id)
    return refused('E_AUTHORITY_GRANT', `signed by ${authority.id} for ${asked.authority}`);
  if (!authority.grants.some(({ messages }) => messages.includes('permit')))
    return refused('E_AUTHORITY_GRANT', 'permit is not granted');
  const above = standsAbove(authority, assignment === undefined ? [] : [assignment]);
  if (!above.ok) return above;
  if (!asked.receivers.includes(receiver))
    return refused('E_COMMAND_TARGET', `${receiver} is not among its receivers`);
  return inTime(asked, nowMs);
}

function inTime({ issuedAt, expiresAt, days }: Permit, nowMs: number): Outcome<undefined> {
  const [issuedMs, expiresMs] = [Date.parse(issuedAt), Date.parse(expiresAt)];
  if (issuedMs > nowMs + CLOCK_SKEW_MS) return refused('E_COMMAND_TIME', `issued in the future: ${issuedAt}`);
  if (expiresMs <= nowMs) return refused('E_COMMAND_EXPIRED', `expired at ${expiresAt}`);
  if (expiresMs - issuedMs > LIFE_MS) return refused('E_COMMAND_TIME', 'too long a life');
  const today = new Date(nowMs + COUNTRY_OFFSET_MS).toISOString().slice(0, 10);
  return days.includes(today)
    ? accepted(undefined)
    : refused('E_COMMAND_TIME', `for ${days.slice(0, 4).join(', ')}, and today is ${today}`);
}
