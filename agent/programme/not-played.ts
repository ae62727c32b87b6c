import type { EventBody } from '../../protocols/messages/up.js';
import { instant } from '../core/clock.js';
import type { Occurrence } from './day-plan.js';
import type { NotPlayedReason } from './programme.js';

/** What the province is told of an entry that was not played at its time. */
export function notPlayedEvent(occurrence: Occurrence, reason: NotPlayedReason): EventBody {
  const { entry, authority, startMs } = occurrence;
  return {
    kind: 'notice',
    code: 'N_NOT_PLAYED',
    detail: `${entry.title}: ${reason}`.slice(0, 300),
    fields: { authority, entry: entry.id, startsAt: instant(startMs), reason },
  };
}
