import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../agent/core/atomic-file.js';
import type { Claim, Proved } from '../claims/claim.js';

/** The machine of a measurement. */
export const machine = z.object({
  platform: z.string(),
  processors: z.int(),
  model: z.string(),
  memoryMb: z.number(),
});

/** See {@link machine}. */
export type Machine = z.infer<typeof machine>;

const holds = z.boolean().nullable();

/** One claim as a run measured it: the newest, and how the runs before it ended. */
export const keptResult = z.object({
  area: z.string(),
  item: z.int(),
  claim: z.string(),
  bound: z.string(),
  measured: z.string(),
  holds,
  note: z.string().optional(),
  /** RFC 3339: when the run began, and when this claim was measured. */
  runBegan: z.string(),
  date: z.string(),
  /** The commit measured; ends in ` with changes` where the checkout was not clean. */
  commit: z.string(),
  node: z.string(),
  machine,
  /** The runs before, the newest last. */
  earlier: z.array(z.object({ date: z.string(), commit: z.string(), holds })).max(20),
});

/** See {@link keptResult}. */
export type KeptResult = z.infer<typeof keptResult>;

/** What is the same for every claim of a run. */
export type RunFacts = Pick<KeptResult, 'runBegan' | 'commit' | 'node' | 'machine'>;

const EARLIER = 20;

/** Keeps what a run has measured: a file for each claim, so that a run that dies loses nothing and two runs do not meet. */
export async function keepResult(folder: string, proved: Proved, run: RunFacts, date: Date): Promise<void> {
  const { area, item, claim, bound, measured, holds, note } = proved;
  const path = join(folder, nameOf(proved));
  const before = await readResult(path);
  const earlier =
    before?.bound === bound
      ? [...before.earlier, { date: before.date, commit: before.commit, holds: before.holds }]
      : [];
  const kept: KeptResult = {
    ...{ area, item, claim, bound, measured, holds },
    ...(note === undefined ? {} : { note }),
    ...{ ...run, date: date.toISOString(), earlier: earlier.slice(-EARLIER) },
  };
  await writeAtomic(path, `${JSON.stringify(kept, null, 2)}\n`, 0o644);
}

/** Everything that was kept, in no order; files that are no results are passed over. */
export async function readResults(folder: string): Promise<KeptResult[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const found = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readResult(join(folder, name))),
  );
  return found.filter((one) => one !== undefined);
}

/** The name of a claim among all: area, item and sentence. */
export function keyOf({ area, item, claim }: Pick<Claim | KeptResult, 'area' | 'item' | 'claim'>): string {
  return `${area} ${item} ${claim}`;
}

function nameOf(claim: Pick<Proved, 'area' | 'item' | 'claim'>): string {
  const digest = createHash('sha256').update(keyOf(claim)).digest('hex').slice(0, 12);
  return `${claim.area}-${claim.item}-${digest}.json`;
}

async function readResult(path: string): Promise<KeptResult | undefined> {
  try {
    return keptResult.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Absent, torn by hand, or of an older form: as good as never measured.
    return undefined;
  }
}
