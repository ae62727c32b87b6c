import type { SignedDocument } from './messages/catalogue.js';
import { identifier } from './messages/common.js';

/** Where every topic of Loa begins; the number is the wire's version. */
export const TOPIC_ROOT = 'loa/v1';

/** What a document is for: everyone in an area, or one receiver. */
export type Slot = { readonly area: string } | { readonly receiver: string };

/** Topics from the province to receivers. One trailing `+` stands for any authority's slot. */
export const downTopics = {
  trust: (): string => `${TOPIC_ROOT}/trust`,
  /** One version, retained for receivers that were away over several. */
  trustVersion: (version: number): string => `${TOPIC_ROOT}/trust/${version}`,
  beat: (areaId: string): string => `${TOPIC_ROOT}/beat/${areaId}`,
  receiverBeat: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/beat`,
  assignment: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/assignment`,
  desired: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/desired`,
  schedule: (slot: Slot, authorityId: string): string =>
    `${TOPIC_ROOT}/${slotPath(slot)}/schedule/${authorityId}`,
  emergency: (slot: Slot, authorityId: string): string =>
    `${TOPIC_ROOT}/${slotPath(slot)}/emergency/${authorityId}`,
  receiverCommand: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/command`,
  areaCommand: (areaId: string): string => `${TOPIC_ROOT}/area/${areaId}/command`,
  groupCommand: (groupId: string): string => `${TOPIC_ROOT}/group/${groupId}/command`,
} as const;

/** Topics from a receiver to the province. */
export const upTopics = {
  state: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/state`,
  reply: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/reply`,
  receipt: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/receipt`,
  event: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/event`,
  telemetry: (id: string): string => `${TOPIC_ROOT}/receiver/${id}/telemetry`,
} as const;

/** What an up-topic is called in code: the last word of the topic. */
export type UpKind = keyof typeof upTopics;

/** What a message on a topic must be, told by the topic alone. The signed payload has to agree. */
export type DownTopic =
  | { readonly kind: 'trust' }
  | { readonly kind: 'beat'; readonly slot: Slot }
  | { readonly kind: 'assignment'; readonly slot: Slot }
  | { readonly kind: 'desired'; readonly slot: Slot }
  | { readonly kind: 'schedule'; readonly slot: Slot; readonly authority: string }
  | { readonly kind: 'emergency'; readonly slot: Slot; readonly authority: string }
  | { readonly kind: 'command' };

/** Reads a topic from the broker; undefined for one that Loa does not know. */
export function parseDownTopic(topic: string): DownTopic | undefined {
  if (!topic.startsWith(`${TOPIC_ROOT}/`)) return undefined;
  const [scope, id, kind, authority, ...rest] = topic.slice(TOPIC_ROOT.length + 1).split('/');
  if (rest.length > 0) return undefined;
  if (scope === 'trust' && kind === undefined && (id === undefined || /^[1-9]\d{0,8}$/.test(id)))
    return { kind: 'trust' };
  if (!isIdentifier(id) || (authority !== undefined && !isIdentifier(authority))) return undefined;
  if (scope === 'beat' && kind === undefined) return { kind: 'beat', slot: { area: id } };
  if (scope !== 'area' && scope !== 'receiver' && scope !== 'group') return undefined;
  const bare = authority === undefined;
  if (kind === 'command' && bare) return { kind: 'command' };
  if (scope === 'group') return undefined;
  const slot: Slot = scope === 'area' ? { area: id } : { receiver: id };
  if ((kind === 'emergency' || kind === 'schedule') && authority !== undefined) {
    return { kind, slot, authority };
  }
  if (scope === 'receiver' && bare && kind === 'beat') return { kind: 'beat', slot };
  if (scope === 'receiver' && bare && (kind === 'assignment' || kind === 'desired')) return { kind, slot };
  return undefined;
}

function isIdentifier(text: string | undefined): text is string {
  return identifier.safeParse(text).success;
}

/**
 * The exact topics a receiver subscribes to, given what its assignment says.
 * @param trustVersion of its trust document: it asks for the one that follows, so that it catches up one by one
 * @param heard those of its areas whose own beats must be heard; all where left out
 */
export function subscriptionsOf(
  receiverId: string,
  areas: readonly string[],
  groups: readonly string[],
  trustVersion?: number,
  heard: readonly string[] = areas,
): string[] {
  const slots: Slot[] = [{ receiver: receiverId }, ...areas.map((area) => ({ area }))];
  return [
    downTopics.trust(),
    ...(trustVersion === undefined ? [] : [downTopics.trustVersion(trustVersion + 1)]),
    downTopics.assignment(receiverId),
    downTopics.desired(receiverId),
    downTopics.receiverBeat(receiverId),
    downTopics.receiverCommand(receiverId),
    ...slots.flatMap((slot) => [downTopics.emergency(slot, '+'), downTopics.schedule(slot, '+')]),
    ...heard.map((area) => downTopics.beat(area)),
    ...areas.map((area) => downTopics.areaCommand(area)),
    ...groups.map((group) => downTopics.groupCommand(group)),
  ];
}

/**
 * The quality of service at which a receiver subscribes to a topic: an area's beats come at 0, all else at 1. A beat that
 * is lost is followed by the next; one of yesterday, kept by the broker for a receiver that was away, is of no use.
 */
export function qosOf(topic: string): 0 | 1 {
  return topic.startsWith(`${TOPIC_ROOT}/beat/`) ? 0 : 1;
}

/** True where two slots are the same one. */
export function sameSlot(one: Slot, other: Slot): boolean {
  return slotPath(one) === slotPath(other);
}

/** `area/x` or `receiver/y`: the part of a topic that names a slot; also a key for what is kept per slot. */
export function slotPath(slot: Slot): string {
  return 'area' in slot ? `area/${slot.area}` : `receiver/${slot.receiver}`;
}

/** What a retained document is known by, in the beat and on the disk: one document in force for each key. */
export function documentKey(type: SignedDocument['type'], slot: Slot, authorityId: string): string {
  switch (type) {
    // A receiver has one of each, whoever signed it: the epoch decides.
    case 'assignment':
    case 'desired':
      return `${type}/${slotPath(slot)}`;
    case 'emergency.set':
      return `emergency/${slotPath(slot)}/${authorityId}`;
    case 'schedule':
      return `schedule/${slotPath(slot)}/${authorityId}`;
  }
}
