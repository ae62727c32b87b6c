import { downTopics } from '../../protocols/topics.js';

/**
 * The topic that a signed command would have come by: told by its target, which is read here unverified, since the intake verifies it and compares
 * the two. A text that is no command gets the receiver's own topic, where it is refused with its reason. Pure.
 */
export function topicOfSigned(signed: string, receiverId: string): string {
  const target = targetOf(signed);
  if (typeof target['area'] === 'string') return downTopics.areaCommand(target['area']);
  if (typeof target['group'] === 'string') return downTopics.groupCommand(target['group']);
  return downTopics.receiverCommand(receiverId);
}

function targetOf(signed: string): Record<string, unknown> {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    const { target } = payload as { target?: unknown };
    return typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
