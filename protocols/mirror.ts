import { downTopics, type Slot } from './topics.js';
import type { TrustDocument } from './trust-document.js';

/**
 * Where the mirror serves what is retained on a topic, below its address: the topic and `.jws`, one to one, so that
 * `loa/v1/trust` and `loa/v1/trust/2` can be a file and a folder side by side.
 */
export function mirrorPath(topic: string): string {
  return `${topic}.jws`;
}

/** The topic of a document that a beat names by its key (see documentKey); undefined for a key of another form. */
export function topicOfKey(key: string): string | undefined {
  const [kind, scope, id, authority, ...rest] = key.split('/');
  if (id === undefined || rest.length > 0) return undefined;
  const slot: Slot | undefined =
    scope === 'area' ? { area: id } : scope === 'receiver' ? { receiver: id } : undefined;
  if (kind === 'assignment' && scope === 'receiver' && authority === undefined)
    return downTopics.assignment(id);
  if (kind !== 'emergency' || slot === undefined || authority === undefined) return undefined;
  return downTopics.emergency(slot, authority);
}

/**
 * The topics of every document that could be in force at a receiver, told by what is signed alone, so that no list of
 * the mirror's own is needed: its areas, and the authorities that may speak there.
 * @param areas its own and those above it, as its assignment says; none before there is one
 */
export function documentTopics(
  receiverId: string,
  areas: readonly string[],
  { authorities, revoked }: TrustDocument,
): string[] {
  const here = authorities.filter(
    ({ id, homeArea, grants }) =>
      areas.includes(homeArea) &&
      grants.some(({ messages }) => messages.includes('emergency.set')) &&
      !revoked.some((one) => 'authority' in one && one.authority === id),
  );
  const slots: Slot[] = [...areas.map((area) => ({ area })), { receiver: receiverId }];
  return here.flatMap(({ id }) => slots.map((slot) => downTopics.emergency(slot, id)));
}
