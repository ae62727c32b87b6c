import { join } from 'node:path';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import { mirrorPath } from '../../protocols/mirror.js';
import { parseDownTopic } from '../../protocols/topics.js';
import { AREAS } from './cast.js';
import type { Province, Publication } from './province.js';

/** Everything that the mirror serves: what stands retained, and a beat of now for each area and each receiver. */
export async function mirrored(province: Province): Promise<Pick<Publication, 'topic' | 'payload'>[]> {
  const retained = await province.retained();
  const receivers = retained.flatMap(({ topic }) => {
    const where = parseDownTopic(topic);
    return where?.kind === 'assignment' && 'receiver' in where.slot ? [where.slot] : [];
  });
  const slots = [...AREAS.map(({ id }) => ({ area: id })), ...receivers];
  return [...retained, ...(await Promise.all(slots.map((slot) => province.beat(slot))))];
}

/**
 * Writes the mirror's files into a folder that any web server may serve; each file is replaced in one step.
 * @returns how many files were new or changed
 */
export async function writeMirror(folder: string, province: Province): Promise<number> {
  let changed = 0;
  for (const { topic, payload } of await mirrored(province)) {
    const path = join(folder, mirrorPath(topic));
    if ((await readIfPresent(path)) === payload) continue;
    await writeAtomic(path, payload, 0o644);
    changed += 1;
  }
  return changed;
}
