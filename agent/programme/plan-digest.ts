import { createHash } from 'node:crypto';
import type { KeptSchedule } from './day-plan.js';

/** Which schedules are in force, so that the province can tell whether they are those that it published. */
export interface PlanDigest {
  readonly schedules: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * The digest of the plan in force: SHA-256 over one line for each schedule, `key epoch revision` and a line feed, in the order of
 * the keys' bytes. A key names kind, place and authority as a beat does: `schedule/area/xa-001/province`.
 */
export function planDigest(schedules: Iterable<Pick<KeptSchedule, 'slotKey' | 'schedule'>>): PlanDigest {
  const lines = [...schedules].map(
    ({ slotKey, schedule: { epoch, revision } }) => `${slotKey} ${epoch} ${revision}\n`,
  );
  const sorted = lines.map((line) => Buffer.from(line)).sort((a, b) => Buffer.compare(a, b));
  return {
    schedules: lines.length,
    sha256: createHash('sha256').update(Buffer.concat(sorted)).digest('hex'),
  };
}
