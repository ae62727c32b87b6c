import { z } from 'zod';
import { assignment, type Assignment } from './assignment.js';
import { beat, type Beat } from './beat.js';
import { desired, type Desired } from './desired.js';
import { emergencySet, type EmergencySet } from './emergency.js';
import { playStart, playStop, type PlayStart, type PlayStop } from './play.js';
import { renew, type Renew } from './renew.js';
import { schedule, type Schedule } from './schedule.js';
import { retire, type Retire } from './retire.js';
import { update, type Update } from './update.js';
import { event, receipt, reply, state, telemetry } from './up.js';

/** Commands by type: once only, by id. */
export const commandSchemas = {
  'play.start': playStart,
  'play.stop': playStop,
  renew,
  retire,
  update,
} as const;

/** Documents by type: one in force per slot, by revision. */
export const documentSchemas = { 'emergency.set': emergencySet, schedule, assignment, desired } as const;

/** The time, signed: neither a command nor kept as a document. */
export const timeSchemas = { beat } as const;

/** Messages of a receiver by type. */
export const upSchemas = { state, reply, event, receipt, telemetry } as const;

/** Every message with its schema: the one source of types, validators and JSON Schema. */
export const messageSchemas = {
  ...commandSchemas,
  ...documentSchemas,
  ...timeSchemas,
  ...upSchemas,
} as const;

/** A command of any type. */
export type Command = PlayStart | PlayStop | Renew | Retire | Update;
/** A document of any type. */
export type SignedDocument = EmergencySet | Schedule | Assignment | Desired;
/** Anything that an authority signs, the trust document apart. */
export type DownMessage = Command | SignedDocument | Beat;
/** The type field of any message. */
export type MessageType = keyof typeof messageSchemas;
/** What an authority may be granted to send. */
export type GrantedType =
  keyof typeof commandSchemas | keyof typeof documentSchemas | keyof typeof timeSchemas;

/** JSON Schema (2020-12) of a message, printed from the schema that validates it. */
export function jsonSchemaOf(type: MessageType): object {
  return z.toJSONSchema(messageSchemas[type], { io: 'input', target: 'draft-2020-12' });
}
