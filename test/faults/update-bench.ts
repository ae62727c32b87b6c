import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askReceiver } from '../../agent/technician/client.js';
import type { UpdateView } from '../../agent/update/update-view.js';
import type { UpdateState } from '../../agent/update/update-state.js';
import { makeKey } from '../../build/updates/signing-key.js';
import {
  UpdateRepository,
  type Program,
  type RepositoryKeys,
} from '../../build/updates/update-repository.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { SwitchBoard } from '../support/switch-board.js';
import { waitUntil } from '../support/wait-until.js';
import { startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';
import { FLOOR_VERSION, Programs } from './update-programs.js';
import { UpdateServer } from './update-server.js';
import { Supervisor } from './update-supervisor.js';

const ID = 'cum-01';
/** No figure of a claim: a busy machine may take its time. */
const DEADLINE_MS = 300_000;
const FLEETING: ReadonlySet<string> = new Set(['verifying', 'unpacking', 'trial-ready']);

/** Keys of a repository for a test. */
export function repositoryKeys(): RepositoryKeys {
  const of = (count: number) => Array.from({ length: count }, makeKey);
  return { root: of(3), targets: of(1), snapshot: of(1), timestamp: of(1) };
}

/**
 * A receiver as a package starts it: launcher, supervisor, the real program bundled, an update repository of its own on https, and a
 * province on mosquitto that lets everybody update.
 */
export class UpdateBench {
  readonly keys = repositoryKeys();
  private boots = 0;
  private constructor(
    readonly folder: string,
    readonly stateFolder: string,
    readonly province: MosquittoProvince,
    /** The way to the broker. */
    readonly wire: SwitchBoard,
    readonly receiver: ReceiverProcess,
    readonly programs: Programs,
    readonly server: UpdateServer,
    readonly supervisor: Supervisor,
    private readonly rootPath: string,
    private readonly repositoryFolder: string,
    private readonly bootIdPath: string,
  ) {}

  /** @param stateFolder of the receiver; one in `folder` where left out */
  static async open(folder: string, stateFolder = join(folder, 'state')): Promise<UpdateBench> {
    const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
    const programs = await Programs.make(folder);
    const floor = await programs.folderOf(FLOOR_VERSION);
    const repositoryFolder = join(folder, 'repository');
    await mkdir(repositoryFolder, { recursive: true });
    const server = await UpdateServer.start(repositoryFolder, await province.folder.ca.issueServer());
    const rootPath = join(folder, 'update-root.json');
    const wire = await SwitchBoard.listen(province.mosquitto.port);
    const all = { windowFrom: '00:00', windowTo: '00:00' };
    const update = { url: server.url, root: rootPath, trialS: 8, retryS: 1, ...all };
    const receiver = await ReceiverProcess.enrol({
      ...{ id: ID, folder: join(folder, 'receiver') },
      broker: { host: 'localhost', port: wire.port },
      settings: {
        stateFolder,
        sound: { sink: 'null' },
        update,
        telemetry: { everyS: 5 },
        watchdog: { stuckS: 60 },
      },
      admit: (csrPem) => province.enrol({ id: ID, csrPem, home: 'ap-1' }),
    });
    const bootIdPath = join(folder, 'boot_id');
    const { configPath, socketPath } = receiver;
    const supervisor = new Supervisor({
      ...{ floor, slots: join(stateFolder, 'slots'), bootIdPath, configPath, socketPath },
    });
    const bench = new UpdateBench(
      ...([folder, stateFolder, province, wire, receiver, programs, server, supervisor] as const),
      ...([rootPath, repositoryFolder, bootIdPath] as const),
    );
    await bench.newBoot();
    return bench;
  }

  /** As after a power cut: the kernel's boot id is another. */
  async newBoot(): Promise<void> {
    this.boots += 1;
    // In memory, as /run is: what is known of earlier crashes is gone with the power.
    await rm(join(this.receiver.folder, 'runs.json'), { force: true });
    await writeFile(this.bootIdPath, `boot-${this.boots}\n`);
  }

  /** A receiver that knows of no update, and an empty repository. @param now by which the repository signs */
  async renew(programs: readonly Program[], now: () => number = Date.now): Promise<UpdateRepository> {
    this.server.mend();
    await this.newBoot();
    for (const name of ['update', 'slots'])
      await rm(join(this.stateFolder, name), { recursive: true, force: true });
    await rm(this.repositoryFolder, { recursive: true, force: true });
    const repository = UpdateRepository.at(this.repositoryFolder, now);
    await writeFile(this.rootPath, await readFile(await repository.begin(this.keys), 'utf8'));
    if (programs.length > 0) await repository.publish(programs, this.keys);
    return repository;
  }

  /**
   * Starts it and waits for its link; then the province lets it update.
   * @param held a technician says hold before
   */
  async begin(held = false): Promise<void> {
    this.supervisor.starts = 0;
    this.supervisor.start();
    await this.until('the link is up, and it is assigned', async () => {
      const { link, assignment } = await this.receiver.status();
      return link.kind === 'up' && assignment !== undefined;
    });
    if (held) await this.ask('hold');
    // Its assignment made it subscribe; the command must not be faster.
    await sleep(500);
    await this.province.send(await this.province.province.update('province', { area: 'ap-1' }));
    await this.until('the word has come', async () => (await this.kept())?.policy !== undefined);
  }

  /** What is kept of the update on the disk. */
  async kept(): Promise<UpdateState | undefined> {
    const text = await readFile(join(this.stateFolder, 'update', 'update.json'), 'utf8').catch(
      () => undefined,
    );
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text.slice(0, text.lastIndexOf('#sha256'))) as UpdateState;
    } catch {
      return undefined;
    }
  }

  /** What a technician may say: `loa update hold` and the like; again until somebody answers. */
  async ask(what: 'check' | 'hold' | 'release'): Promise<void> {
    await this.until(`an answer to ${what}`, async () => {
      await askReceiver(this.receiver.socketPath, 'POST', `/v1/update/${what}`, {});
      return true;
    });
  }

  /** Neither the repository nor the broker can be reached, until {@link joinNetwork}. */
  loseNetwork(): void {
    this.server.lose();
    this.wire.blackHole();
    this.wire.cut();
  }

  joinNetwork(): void {
    this.server.down = false;
    this.wire.mend();
  }

  async view(): Promise<UpdateView> {
    return (await askReceiver(this.receiver.socketPath, 'GET', '/v1/update')) as UpdateView;
  }

  /** Waits until the disk shows one of these stages; the stage. */
  async untilStage(...wanted: UpdateState['stage']['kind'][]): Promise<string> {
    return waitUntil(
      `stage ${wanted.join(' or ')}`,
      async () => {
        const kind = (await this.kept())?.stage.kind;
        return kind !== undefined && wanted.includes(kind) ? kind : undefined;
      },
      // Some stages last milliseconds; where one only waits for the end, the receiver has the machine.
      { deadlineMs: DEADLINE_MS, everyMs: wanted.some((one) => FLEETING.has(one)) ? 1 : 100 },
    );
  }

  /** Waits; what fails on the way (a receiver that restarts) counts as no. */
  async until(what: string, wanted: () => Promise<boolean>, deadlineMs = DEADLINE_MS): Promise<void> {
    await waitUntil(what, async () => (await wanted().catch(() => false)) || undefined, {
      deadlineMs,
      everyMs: 150,
    });
  }

  /** It runs this version, its link is up, the province knows, and sound of it is consumed. */
  async playsAndReports(version: string, deadlineMs = DEADLINE_MS): Promise<void> {
    await this.until(
      `version ${version} plays and reports`,
      async () => {
        const status = await this.receiver.status();
        if (status.version !== version || status.link.kind !== 'up') return false;
        const birth = this.province.ears.states.at(-1)?.message.body;
        if (birth?.online !== true || birth.version !== version) return false;
        const test = (await askReceiver(this.receiver.socketPath, 'POST', '/v1/test', {}, 40_000)) as {
          ok: boolean;
        };
        return test.ok;
      },
      deadlineMs,
    );
  }

  async close(): Promise<void> {
    await this.supervisor.stop('SIGKILL');
    await this.server.close();
    await this.wire.close();
    await this.province.close();
  }
}
