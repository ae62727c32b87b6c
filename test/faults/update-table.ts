import { messageOf } from '../../agent/core/errors.js';
import type { UpdateState } from '../../agent/update/update-state.js';
import { UpdateRepository } from '../../build/updates/update-repository.js';
import { openPowerCutDisk, type PowerCutDisk } from '../fixtures/power-cut-disk/disk.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryKeys, UpdateBench } from './update-bench.js';
import { FLOOR_VERSION, NEW_VERSION, type Quality } from './update-programs.js';

/** Stages that are interrupted; verifying is a few milliseconds long, and is caught as often as unpacking is. */
export const STAGES = ['downloading', 'unpacking', 'trial-ready', 'trial'] as const;
/** What interrupts them, and must not be in the way of the update in the end. */
export const INTERRUPTIONS = ['kill', 'power cut', 'disk full', 'network lost'] as const;
/** What must not be installed, and the code that says so. */
export const REFUSALS = {
  'bad signature': 'E_UPDATE_METADATA',
  'older version': 'E_UPDATE_OLDER',
  'wrong architecture': 'E_UPDATE_ARCHITECTURE',
  'altered file': 'E_UPDATE_DIGEST',
  'expired metadata': 'E_UPDATE_EXPIRED',
} as const;
/** Programs that are signed and no good: they must not be kept. */
export const ILL: Readonly<Record<string, Quality>> = {
  'crash on start': 'crashes',
  'hang on start': 'hangs',
  'healthy but deaf': 'deaf',
  'healthy, its player hangs': 'hung player',
};

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
    await bench.supervisor.stop('SIGKILL');
    const cell = { stage, fault, holds, found, tookMs: Math.round(performance.now() - startedMs) };
    cells.push(cell);
    progress(`${stage} × ${fault}: ${holds ? 'holds' : 'DOES NOT HOLD'}: ${found}`);
  };
  try {
    for (const stage of STAGES)
      for (const fault of INTERRUPTIONS)
        await run(stage, fault, () => interrupted(bench, disk, stage, fault, seed + cells.length));
    for (const [fault, code] of Object.entries(REFUSALS))
      await run(fault === 'altered file' ? 'verifying' : 'announced', fault, () =>
        refused(bench, fault, code),
      );
    for (const [fault, quality] of Object.entries(ILL)) await run('trial', fault, () => ill(bench, quality));
  } finally {
    await bench.close();
    await disk.close();
  }
  return cells;
}

async function interrupted(
  bench: UpdateBench,
  disk: PowerCutDisk,
  stage: (typeof STAGES)[number],
  fault: (typeof INTERRUPTIONS)[number],
  seed: number,
): Promise<string> {
  await bench.renew([await bench.programs.archiveOf(NEW_VERSION)]);
  if (stage === 'downloading') bench.server.pauseMs = 20;
  await bench.begin();
  await bench.untilStage(stage);
  if (stage === 'downloading') await sleep(1_000);
  if (stage === 'trial')
    await bench.until('it runs on trial', async () => (await bench.view()).running === 'a');
  await broken(bench, disk, fault, seed);
  const met = (await bench.kept())?.stage.kind ?? '?';
  await mended(bench, disk, fault);
  await bench.untilStage('committed');
  await bench.playsAndReports(NEW_VERSION);
  return `met at ${met}, ${NEW_VERSION} after ${bench.supervisor.starts} starts`;
}

async function broken(
  bench: UpdateBench,
  disk: PowerCutDisk,
  fault: (typeof INTERRUPTIONS)[number],
  seed: number,
): Promise<void> {
  if (fault === 'kill') await bench.supervisor.kill();
  if (fault === 'power cut') {
    await bench.supervisor.stop('SIGKILL');
    await disk.cut(seed);
    await bench.newBoot();
  }
  if (fault === 'disk full') await disk.fail({ kind: 'full', bytes: 30_000 });
  if (fault === 'network lost') bench.server.lose();
}

async function mended(
  bench: UpdateBench,
  disk: PowerCutDisk,
  fault: (typeof INTERRUPTIONS)[number],
): Promise<void> {
  if (fault === 'power cut') bench.supervisor.start();
  if (fault === 'disk full' || fault === 'network lost') await sleep(4_000);
  if (fault === 'disk full') await disk.fail({ kind: 'heal' });
  bench.server.down = false;
}

/** What must not be installed is refused with its code, and the receiver goes on as it was. */
async function refused(bench: UpdateBench, fault: string, code: string): Promise<string> {
  const ago = fault === 'expired metadata' ? 8 * 86_400_000 : 0;
  const version = fault === 'older version' ? '0.73.1' : NEW_VERSION;
  const architecture = fault === 'wrong architecture' ? 'arm64' : 'amd64';
  const program = await bench.programs.archiveOf(version, 'good', architecture);
  const named = { ...program, name: 'loa-agent_amd64.tar.gz' };
  const repository = await bench.renew([named], () => Date.now() - ago);
  if (fault === 'bad signature') {
    const foreign = repositoryKeys();
    await UpdateRepository.at(repository.folder).publish([named], {
      ...bench.keys,
      targets: foreign.targets,
    });
  }
  if (fault === 'altered file')
    bench.server.alter = (bytes) => {
      const altered = Buffer.from(bytes);
      altered[altered.length >> 1] = (altered[altered.length >> 1] ?? 0) ^ 1;
      return altered;
    };
  await bench.begin();
  await bench.until(`the code ${code}`, async () => codeOf(await bench.kept()) === code);
  await bench.playsAndReports(FLOOR_VERSION);
  return `${code}, ${FLOOR_VERSION} goes on`;
}

function codeOf(state: UpdateState | undefined): string | undefined {
  return state?.stage.kind === 'back' ? state.stage.code : state?.refusal?.code;
}

/** A signed program that is no good is left, and is not tried again. */
async function ill(bench: UpdateBench, quality: Quality): Promise<string> {
  await bench.renew([await bench.programs.archiveOf(NEW_VERSION, quality)]);
  await bench.begin();
  await bench.untilStage('trial');
  await bench.until('it went back', async () => (await bench.kept())?.stage.kind === 'back', 90_000);
  await bench.playsAndReports(FLOOR_VERSION);
  const { back, running } = await bench.view();
  if (back?.code !== 'E_UPDATE_TRIAL' || running !== 'floor')
    throw new Error(`went back by ${back?.code ?? '-'}`);
  return `${back.detail}; ${FLOOR_VERSION} again`;
}
