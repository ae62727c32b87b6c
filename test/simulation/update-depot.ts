import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UpdateView } from '../../agent/update/update-view.js';
import type { SimulatedArchitecture } from '../../build/images/image.js';
import { bundleProgram } from '../../build/packages/bundle.js';
import { makeArchive, packFolder } from '../../build/updates/program-archive.js';
import { makeKey } from '../../build/updates/signing-key.js';
import {
  UpdateRepository,
  type Program,
  type RepositoryKeys,
} from '../../build/updates/update-repository.js';
import { UpdateServer } from '../faults/update-server.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { settingsFor, writeInGuest } from './enrolment.js';
import { HOST, type Stage } from './stage.js';

/** A trial of so many seconds of the receiver's time; 15 min by default. */
const TRIAL_S = 90;
const EPOCH_S = 1_700_000_000;
const ROOT_IN_GUEST = '/etc/loa/update-root.json';

/** A repository of programs on the host, and a receiver that asks it. */
export class UpdateDepot {
  private constructor(
    readonly server: UpdateServer,
    private readonly folder: string,
    private readonly repository: UpdateRepository,
    private readonly keys: RepositoryKeys,
    private readonly architecture: SimulatedArchitecture,
  ) {}

  /** Starts an empty one, and the receiver anew with its address and root. */
  static async open(stage: Stage): Promise<UpdateDepot> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-depot-'));
    stage.whenClosed(() => rm(folder, { recursive: true, force: true }));
    const of = (count: number) => Array.from({ length: count }, makeKey);
    const keys = { root: of(3), targets: of(1), snapshot: of(1), timestamp: of(1) };
    const repositoryFolder = join(folder, 'repository');
    await mkdir(repositoryFolder);
    const repository = UpdateRepository.at(repositoryFolder);
    const root = await readFile(await repository.begin(keys), 'utf8');
    const identity = await stage.province.home.ca.issueServer({ names: [HOST] });
    const server = await UpdateServer.start(repositoryFolder, identity);
    stage.whenClosed(() => server.close());
    const before = stage.newestOrder;
    await writeInGuest(stage, ROOT_IN_GUEST, root);
    const update = {
      ...{ url: stage.reached(server.url), root: ROOT_IN_GUEST, trialS: TRIAL_S, retryS: 2 },
      ...{ windowFrom: '00:00', windowTo: '00:00' },
    };
    const settings = JSON.stringify({ ...settingsFor(stage), update }, undefined, 2);
    await writeInGuest(stage, '/etc/loa/loa.json', settings);
    await stage.machine.must('systemctl restart loa.service');
    await stage.birth(60_000, before);
    return new UpdateDepot(server, folder, repository, keys, stage.architecture);
  }

  /** Publishes a program that is as it should be. */
  async publishGood(version: string): Promise<void> {
    await this.#publish(await makeArchive(await this.#request(version)));
  }

  /** Publishes one that is signed and ends as it starts. */
  async publishBad(version: string): Promise<void> {
    const request = await this.#request(version);
    const folder = join(this.folder, `bad-${version}`);
    await bundleProgram({ ...request, out: folder });
    const main = join(folder, 'main.js');
    const text = await readFile(main, 'utf8');
    const at = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0;
    await writeFile(
      main,
      `${text.slice(0, at)}if(process.argv[2]==='run')process.exit(70);\n${text.slice(at)}`,
    );
    await this.#publish(await packFolder(folder, request));
  }

  async #request(version: string): Promise<Parameters<typeof makeArchive>[0]> {
    const out = join(this.folder, version);
    await mkdir(out);
    const root = repositoryRoot(import.meta.url);
    return { root, out, version, architecture: this.architecture, epochS: EPOCH_S };
  }

  async #publish(program: Program): Promise<void> {
    await this.repository.publish([program], this.keys);
  }
}

/** How updates stand in the receiver. */
export async function updateView(stage: Stage): Promise<UpdateView> {
  return (await stage.ask('/v1/update')) as UpdateView;
}

/** Waits for a stage. @param limitMs of the receiver's time */
export async function untilUpdate(
  stage: Stage,
  what: string,
  isSo: (view: UpdateView) => boolean,
  limitMs: number,
): Promise<UpdateView> {
  let view: UpdateView | undefined;
  await stage.until(
    what,
    async () => {
      // Between two programs nobody answers.
      view = await updateView(stage).catch(() => undefined);
      return view !== undefined && isSo(view);
    },
    limitMs,
  );
  return view ?? updateView(stage);
}
