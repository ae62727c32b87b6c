import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeKept } from '../../agent/core/kept-file.js';
import type { UpdateState } from '../../agent/update/update-state.js';
import type { UpdateBench } from './update-bench.js';
import { FLOOR_VERSION, NEW_VERSION } from './update-programs.js';

/** Every stage at which something of an update is kept (`agent/update/update-state.ts`), in the order of an update. */
export const STAGES = [
  'announced',
  'waiting',
  'downloading',
  'verifying',
  'unpacking',
  'trial-ready',
  'trial',
  'committed',
  'back',
] as const;
/** See {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** The version that is right in the end, whatever has interrupted an update at this stage, and the stage that it ends at. */
export function endOf(stage: Stage): { readonly version: string; readonly stage: 'committed' | 'back' } {
  return stage === 'back'
    ? { version: FLOOR_VERSION, stage: 'back' }
    : { version: NEW_VERSION, stage: 'committed' };
}

/** Brings a receiver to a stage, with the real program. */
export async function reach(bench: UpdateBench, stage: Stage): Promise<void> {
  const program = await bench.programs.archiveOf(NEW_VERSION, stage === 'back' ? 'crashes' : 'good');
  if (stage === 'announced') return reachAnnounced(bench);
  await bench.renew([program]);
  if (stage === 'downloading' || stage === 'verifying') bench.server.pauseMs = 20;
  await bench.begin(stage === 'waiting');
  if (stage === 'verifying') return reachVerifying(bench, program.archive);
  await bench.untilStage(stage);
  if (stage === 'downloading') await sleep(1_000);
  if (stage === 'trial')
    await bench.until('it runs on trial', async () => (await bench.view()).running === 'a');
}

/** What lets an update go on that somebody holds so that the stage lasts. */
export async function letGo(bench: UpdateBench, stage: Stage): Promise<void> {
  // A power cut may take the announcement with it: the receiver asks again when it is time, here at once.
  if (stage === 'announced' && (await bench.kept())?.stage.kind === 'idle') await bench.ask('check');
  if (stage === 'waiting' || stage === 'verifying') await bench.ask('release');
}

/** The repository has its first program while the receiver runs: announced until the next look, two seconds. */
async function reachAnnounced(bench: UpdateBench): Promise<void> {
  const repository = await bench.renew([]);
  await bench.begin();
  await bench.until('it has asked once', async () => ((await bench.kept())?.checkedMs ?? 0) > 0);
  await repository.publish([await bench.programs.archiveOf(NEW_VERSION)], bench.keys);
  await bench.ask('check');
  await bench.untilStage('announced');
}

/**
 * Verifying lasts some milliseconds: what is on the disk at that stage is put there as the program leaves it, with the archive whole, and
 * a technician's hold keeps the receiver at it.
 */
async function reachVerifying(bench: UpdateBench, archive: string): Promise<void> {
  await bench.untilStage('downloading');
  await bench.supervisor.stop('SIGKILL');
  const folder = join(bench.stateFolder, 'update');
  const before = await bench.kept();
  if (before === undefined || !('offer' in before.stage)) throw new Error('no download is kept');
  const { offer } = before.stage;
  await mkdir(folder, { recursive: true });
  await copyFile(archive, join(folder, 'archive'));
  await writeFile(join(folder, 'archive.synced'), `${offer.bytes}\n`);
  const state: UpdateState = { ...before, heldHere: true, stage: { kind: 'verifying', offer } };
  await writeKept(join(folder, 'update.json'), JSON.stringify(state));
  bench.supervisor.start();
  await bench.until('it stands at verifying', async () => (await bench.view()).stage === 'verifying');
}
