import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/core/errors.js';
import type { UpdateState } from '../../agent/update/update-state.js';
import { UpdateRepository } from '../../build/updates/update-repository.js';
import { openPowerCutDisk, type PowerCutDisk } from '../fixtures/power-cut-disk/disk.js';
import { repositoryKeys, UpdateBench } from './update-bench.js';
import { FLOOR_VERSION, NEW_VERSION, type Quality } from './update-programs.js';
import { endOf, letGo, reach, STAGES, type Stage } from './update-stages.js';

/** What interrupts each stage, and must not be in the way of the update in the end. */
export const INTERRUPTIONS = ['kill', 'power cut', 'disk full', 'network lost'] as const;
/** See {@link INTERRUPTIONS}. */
export type Interruption = (typeof INTERRUPTIONS)[number];
/** What must not be installed, and the code that says so. */
export const REFUSALS = {
  'bad signature': 'E_UPDATE_METADATA',
  'older version': 'E_UPDATE_OLDER',
  'wrong architecture': 'E_UPDATE_ARCHITECTURE',
  'altered file': 'E_UPDATE_DIGEST',
  'expired metadata': 'E_UPDATE_EXPIRED',
} as const;
/** See {@link REFUSALS}. */
export type Refused = keyof typeof REFUSALS;
/** Programs that are signed and no good: they must not be kept. */
export const ILL: Readonly<Record<string, Quality>> = {
  'crash on start': 'crashes',
  'hang on start': 'hangs',
  'healthy but deaf': 'deaf',
  'healthy, its player hangs': 'hung player',
};
/** Stages without an update under way, and the version that runs then: what is refused there, and where an ill program comes from. */
const RESTING = { idle: FLOOR_VERSION, committed: NEW_VERSION } as const;
type Resting = keyof typeof RESTING;

/** How many cells the table has: every stage × interruption; a refusal and an ill program each from the package's own and from a slot. */
export const CELLS =
  STAGES.length * INTERRUPTIONS.length +
  Object.keys(RESTING).length * (Object.keys(REFUSALS).length + Object.keys(ILL).length);

/** One cell of the table. */
export interface Cell {
  readonly stage: string;
  readonly fault: string;
  /** It plays and reports afterwards, on the right version, and knows why. */
  readonly holds: boolean;
  readonly found: string;
  readonly tookMs: number;
}

/** Every cell of the table, one after the other, with the real program on a disk whose power can be cut. */
export async function updateTable(
  folder: string,
  seed: number,
  progress: (line: string) => void,
  only: (stage: string, fault: string) => boolean = () => true,
): Promise<Cell[]> {
  const disk = await openPowerCutDisk();
  const stateFolder = join(disk.folder, 'state');
  await mkdir(stateFolder, { recursive: true });
  const bench = await UpdateBench.open(folder, stateFolder);
  const cells: Cell[] = [];
  const run = async (stage: string, fault: string, work: () => Promise<string>): Promise<void> => {
    if (!only(stage, fault)) return;
    const startedMs = performance.now();
    let found: string;
    let holds = true;
    try {
      found = await work();
    } catch (error) {
      holds = false;
      found = `${messageOf(error)}; ${JSON.stringify((await bench.kept())?.stage ?? {}).slice(0, 120)}`;
    }
    await disk.fail({ kind: 'heal' });
    bench.joinNetwork();
    await bench.supervisor.stop('SIGKILL');
    const cell = { stage, fault, holds, found, tookMs: Math.round(performance.now() - startedMs) };
    cells.push(cell);
    progress(`${stage} × ${fault}: ${holds ? 'holds' : 'DOES NOT HOLD'}: ${found}`);
  };
  try {
    for (const stage of STAGES)
      for (const fault of INTERRUPTIONS)
        await run(stage, fault, () => interrupted(bench, disk, stage, fault, seed + cells.length));
    for (const resting of ['idle', 'committed'] as const) {
      for (const fault of Object.keys(REFUSALS) as Refused[])
        await run(resting, fault, () => refused(bench, resting, fault));
      for (const [fault, quality] of Object.entries(ILL))
        await run(resting === 'idle' ? 'trial' : 'trial after an update', fault, () =>
          ill(bench, resting, quality),
        );
    }
  } finally {
    await bench.close();
    await disk.close();
  }
  return cells;
}

async function interrupted(
  bench: UpdateBench,
  disk: PowerCutDisk,
  stage: Stage,
  fault: Interruption,
  seed: number,
): Promise<string> {
  await reach(bench, stage);
  await broken(bench, disk, fault, seed);
  const met = (await bench.kept())?.stage.kind ?? '?';
  // Held until now, so that the stage lasted: it meets a disk that is full, a network that is away.
  if (fault === 'disk full' || fault === 'network lost') {
    await letGo(bench, stage);
    await sleep(4_000);
  }
  if (fault === 'power cut') bench.supervisor.start();
  if (fault === 'disk full') await disk.fail({ kind: 'heal' });
  if (fault === 'network lost') bench.joinNetwork();
  await letGo(bench, stage);
  const end = endOf(stage);
  await bench.untilStage(end.stage);
  await bench.playsAndReports(end.version);
  const after = await bench.kept();
  if (after?.stage.kind !== end.stage) throw new Error(`${after?.stage.kind ?? '?'} in the end`);
  return `met at ${met}, ${end.version} after ${bench.supervisor.starts} starts`;
}

async function broken(
  bench: UpdateBench,
  disk: PowerCutDisk,
  fault: Interruption,
  seed: number,
): Promise<void> {
  if (fault === 'kill') await bench.supervisor.kill();
  if (fault === 'power cut') {
    await bench.supervisor.stop('SIGKILL');
    await disk.cut(seed);
    await bench.newBoot();
  }
  if (fault === 'disk full') await disk.fail({ kind: 'full', bytes: 30_000 });
  if (fault === 'network lost') bench.loseNetwork();
}

/** A receiver without an update under way: never updated, or updated once. @returns its repository, with nothing newer in it */
async function rested(bench: UpdateBench, resting: Resting): Promise<UpdateRepository> {
  const isNew = resting === 'committed';
  const repository = await bench.renew(isNew ? [await bench.programs.archiveOf(NEW_VERSION)] : []);
  await bench.begin();
  if (isNew) await bench.untilStage('committed');
  await bench.playsAndReports(RESTING[resting]);
  return repository;
}

/** What must not be installed is refused with its code, and the receiver goes on as it was. */
async function refused(bench: UpdateBench, resting: Resting, fault: Refused): Promise<string> {
  const runs = RESTING[resting];
  const repository = await rested(bench, resting);
  const version = fault === 'older version' ? '0.73.1' : '0.75.10';
  const architecture = fault === 'wrong architecture' ? 'arm64' : 'amd64';
  const program = await bench.programs.archiveOf(version, 'good', architecture);
  const named = { ...program, name: 'loa-agent_amd64.tar.gz' };
  // Expired: a release of eight days ago, whose timestamp lived for seven.
  const ago = fault === 'expired metadata' ? 8 * 86_400_000 : 0;
  const keys = fault === 'bad signature' ? { ...bench.keys, targets: repositoryKeys().targets } : bench.keys;
  if (fault === 'altered file')
    bench.server.alter = (bytes) => {
      const altered = Buffer.from(bytes);
      altered[altered.length >> 1] = (altered[altered.length >> 1] ?? 0) ^ 1;
      return altered;
    };
  await UpdateRepository.at(repository.folder, () => Date.now() - ago).publish([named], keys);
  const code = REFUSALS[fault];
  await bench.ask('check');
  await bench.until(`the code ${code}`, async () => codeOf(await bench.kept()) === code);
  await bench.playsAndReports(runs);
  return `${code}, ${runs} goes on`;
}

function codeOf(state: UpdateState | undefined): string | undefined {
  return state?.stage.kind === 'back' ? state.stage.code : state?.refusal?.code;
}

/** A signed program that is no good is left, and is not tried again. */
async function ill(bench: UpdateBench, resting: Resting, quality: Quality): Promise<string> {
  const runs = RESTING[resting];
  const repository = await rested(bench, resting);
  await repository.publish([await bench.programs.archiveOf('0.75.10', quality)], bench.keys);
  await bench.ask('check');
  await bench.untilStage('back');
  await bench.playsAndReports(runs);
  const { back, running } = await bench.view();
  const place = resting === 'idle' ? 'floor' : 'a';
  if (back?.code !== 'E_UPDATE_TRIAL' || running !== place)
    throw new Error(`back by ${back?.code ?? '-'}, runs from ${running ?? '-'}`);
  return `${back.detail}; ${runs} again`;
}
