import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askReceiver } from '../../agent/technician/client.js';
import type { UpdateView } from '../../agent/update/update-view.js';
import { UpdateRepository } from '../../build/updates/update-repository.js';
import { repositoryKeys } from '../faults/update-bench.js';
import { FLOOR_VERSION, NEW_VERSION, Programs } from '../faults/update-programs.js';
import { UpdateServer } from '../faults/update-server.js';
import { Supervisor } from '../faults/update-supervisor.js';
import { waitUntil } from '../support/wait-until.js';
import type { BrokenWorld, Scene } from './broken-world.js';

/** The archive of 1.2 MB takes two and a half minutes of silence: all emergencies fall into it. */
const PIECE_EVERY_MS = 1_000;
/** As in the field: all emergencies fall into it. */
const TRIAL_S = 900;
const STAGE_LIMIT_MS = 90_000;

/** An update under way, and what it runs on. */
interface RunningUpdate {
  readonly server: UpdateServer;
  readonly supervisor: Supervisor;
}

/** Worlds in which the receiver is being updated: the bundled program, started by the launcher of the package. */
export function brokenUpdates(times: number): readonly BrokenWorld[] {
  const alive = { sinkAlive: true, times };
  return [
    { name: 'update in progress: its archive comes in', ...alive, ...downloading() },
    { name: 'update on trial: the new program runs', ...alive, ...onTrial() },
  ];
}

function downloading(): Pick<BrokenWorld, 'break' | 'before' | 'mend'> {
  let update: RunningUpdate | undefined;
  return {
    async break(scene) {
      update = await beginUpdate(scene, PIECE_EVERY_MS);
    },
    async before(scene) {
      const before = update?.server.archiveBytes ?? 0;
      await untilView(scene, `more of the archive comes in`, ({ stage }) => {
        return stage === 'downloading' && (update?.server.archiveBytes ?? 0) > before;
      });
    },
    mend: () => endUpdate(update),
  };
}

function onTrial(): Pick<BrokenWorld, 'break' | 'before' | 'mend'> {
  const isOnTrial = ({ stage, version, running }: UpdateView): boolean =>
    stage === 'trial' && version === NEW_VERSION && running !== 'floor';
  let update: RunningUpdate | undefined;
  return {
    async break(scene) {
      update = await beginUpdate(scene, 0);
      await untilView(scene, 'the new program runs on trial', isOnTrial);
      await untilReady(scene);
    },
    before: (scene) => untilView(scene, 'it is on trial still', isOnTrial),
    mend: () => endUpdate(update),
  };
}

/** Starts the receiver as its package does, with a newer program in a repository, and the province's word to take it. */
async function beginUpdate(scene: Scene, pauseMs: number): Promise<RunningUpdate> {
  const { receiver, rig, env } = scene.bench;
  await receiver.stop();
  const folder = join(scene.folder, 'update');
  const repositoryFolder = join(folder, 'repository');
  await mkdir(repositoryFolder, { recursive: true });
  const programs = await Programs.make(folder);
  const keys = repositoryKeys();
  const repository = UpdateRepository.at(repositoryFolder);
  const root = await repository.begin(keys);
  await repository.publish([await programs.archiveOf(NEW_VERSION)], keys);
  const server = await UpdateServer.start(repositoryFolder, await rig.home.ca.issueServer());
  server.pauseMs = pauseMs;
  const always = { windowFrom: '00:00', windowTo: '00:00' };
  const settings = JSON.parse(await readFile(receiver.configPath, 'utf8')) as Record<string, unknown>;
  await receiver.configure({
    ...settings,
    update: { url: server.url, root, trialS: TRIAL_S, retryS: 1, ...always },
  });
  const bootIdPath = join(folder, 'boot_id');
  await writeFile(bootIdPath, 'boot-1\n');
  const { configPath, socketPath } = receiver;
  const supervisor = new Supervisor({
    ...{ floor: await programs.folderOf(FLOOR_VERSION), slots: join(scene.stateFolder, 'slots') },
    ...{ bootIdPath, configPath, socketPath, env },
  });
  supervisor.start();
  await untilReady(scene);
  await rig.send(await rig.province.update('province', { area: 'ap-1' }));
  return { server, supervisor };
}

/** A receiver that is just starting does not answer: that is waited for, too. */
async function untilReady({ bench: { receiver } }: Scene): Promise<void> {
  const isReady = async (): Promise<true | undefined> => {
    const { link, assignment, sink } = await receiver.status();
    return (link.kind === 'up' && assignment !== undefined && sink.ok) || undefined;
  };
  await waitUntil('connected and assigned, its card open', () => isReady().catch(() => undefined), {
    deadlineMs: STAGE_LIMIT_MS,
  });
  await sleep(1_000);
}

async function untilView(scene: Scene, what: string, wanted: (view: UpdateView) => boolean): Promise<void> {
  const { socketPath } = scene.bench.receiver;
  const isSo = async (): Promise<true | undefined> =>
    wanted((await askReceiver(socketPath, 'GET', '/v1/update')) as UpdateView) || undefined;
  await waitUntil(what, () => isSo().catch(() => undefined), { deadlineMs: STAGE_LIMIT_MS, everyMs: 50 });
}

async function endUpdate(update: RunningUpdate | undefined): Promise<void> {
  await update?.supervisor.stop('SIGKILL');
  await update?.server.close();
}
