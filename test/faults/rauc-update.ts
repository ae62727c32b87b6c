import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/core/errors.js';
import { UpdateRepository, type Program } from '../../build/updates/update-repository.js';
import { COMPATIBLE } from '../support/rauc-contract.js';
import { runTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { waitUntil } from '../support/wait-until.js';
import { startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';
import { RealRauc } from './rauc-board.js';
import { repositoryKeys } from './update-bench.js';
import { FLOOR_VERSION, NEW_VERSION, Programs, type Quality } from './update-programs.js';
import { UpdateServer } from './update-server.js';
import type { UpdateState } from '../../agent/update/update-state.js';

const ID = 'cum-01';
/** No figure of a claim: a busy machine may take its time. */
const DEADLINE_MS = 600_000;
/** As `StartLimitBurst=` with `StartLimitAction=reboot` of the unit on such a board. */
const STARTS_IN_BOOT = 5;

/** What became of an image that was offered. */
export interface ImageCell {
  readonly image: string;
  readonly holds: boolean;
  readonly found: string;
}

/**
 * A receiver whose whole image is A/B: Debian's rauc as a service, real bundles, two slots that hold a file system with the real program, which
 * runs out of the one that the boot loader chose. "The machine starts" here is: everything ends, the boot loader chooses, the slot is mounted.
 */
class ImageBench {
  starts = 0;
  boots = 0;
  #on = false;
  #running: Promise<void> = Promise.resolve();
  #child: ChildProcess | undefined;
  #cut = false;
  private readonly keys = repositoryKeys();

  private constructor(
    private readonly folder: string,
    readonly board: RealRauc,
    readonly province: MosquittoProvince,
    private readonly receiver: ReceiverProcess,
    private readonly programs: Programs,
    readonly server: UpdateServer,
  ) {}

  static async open(folder: string): Promise<ImageBench> {
    const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
    const programs = await Programs.make(folder);
    await mkdir(join(folder, 'repository'));
    const server = await UpdateServer.start(
      join(folder, 'repository'),
      await province.folder.ca.issueServer(),
    );
    const window = { windowFrom: '00:00', windowTo: '00:00' };
    const root = join(folder, 'update-root.json');
    const receiver = await ReceiverProcess.enrol({
      ...{ id: ID, folder: join(folder, 'receiver') },
      broker: { host: 'localhost', port: province.mosquitto.port },
      settings: {
        sound: { sink: 'null' },
        update: {
          url: server.url,
          root,
          image: COMPATIBLE,
          trialS: 8,
          retryS: 1,
          budgetMbADay: 64,
          ...window,
        },
        telemetry: { everyS: 5 },
        watchdog: { stuckS: 30 },
      },
      admit: (csrPem) => province.enrol({ id: ID, csrPem, home: 'ap-1' }),
    });
    return new ImageBench(folder, await RealRauc.open(), province, receiver, programs, server);
  }

  /** A board as it was delivered, and a repository with one bundle in it. */
  async offer(of: {
    readonly quality?: Quality;
    readonly compatible?: string;
    readonly isForeign?: boolean;
  }): Promise<void> {
    this.server.mend();
    const floor = await this.#image(FLOOR_VERSION, 'good');
    await this.board.reset(floor);
    for (const path of [join(this.receiver.folder, 'state', 'update'), join(this.folder, 'repository')])
      await rm(path, { recursive: true, force: true });
    const repository = UpdateRepository.at(join(this.folder, 'repository'));
    await copyFile(await repository.begin(this.keys), join(this.folder, 'update-root.json'));
    const image = await this.#image(NEW_VERSION, of.quality ?? 'good');
    const { compatible = COMPATIBLE, isForeign = false } = of;
    const archive = await this.board.bundle({ version: NEW_VERSION, compatible, isForeign, image });
    const program: Program = {
      ...{ archive, name: `loa-image_${COMPATIBLE}.raucb` },
      custom: {
        ...{ version: NEW_VERSION, architecture: 'amd64', image: compatible, node: '0.0.0', readableBy: 1 },
        unpackedBytes: (await stat(image)).size,
      },
    };
    await repository.publish([program], this.keys);
  }

  /** Switches it on, and lets everybody update. */
  async begin(): Promise<void> {
    this.boots = 0;
    this.#on = true;
    this.#running = this.#live();
    await this.#until('the link is up, and it is assigned', async () => {
      const { link, assignment } = await this.receiver.status();
      return link.kind === 'up' && assignment !== undefined;
    });
    await sleep(500);
    await this.province.send(await this.province.province.update('province', { area: 'ap-1' }));
  }

  /** The mains go, and come back. */
  powerCut(): void {
    this.#cut = true;
    this.#child?.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.#on = false;
    this.#child?.kill('SIGKILL');
    await this.#running;
  }

  async untilStage(...wanted: UpdateState['stage']['kind'][]): Promise<UpdateState> {
    return waitUntil(
      `stage ${wanted.join(' or ')}`,
      async () => {
        const state = await this.kept();
        return state !== undefined && wanted.includes(state.stage.kind) ? state : undefined;
      },
      { deadlineMs: DEADLINE_MS, everyMs: 5 },
    );
  }

  async kept(): Promise<UpdateState | undefined> {
    const path = join(this.folder, 'receiver', 'state', 'update', 'update.json');
    const text = await readFile(path, 'utf8').catch(() => '');
    try {
      return JSON.parse(text.slice(0, text.lastIndexOf('#sha256'))) as UpdateState;
    } catch {
      return undefined;
    }
  }

  async playsAndReports(version: string): Promise<void> {
    await this.#until(`version ${version} plays and reports`, async () => {
      const status = await this.receiver.status();
      const birth = this.province.ears.states.at(-1)?.message.body;
      if (status.version !== version || status.link.kind !== 'up') return false;
      if (birth?.online !== true || birth.version !== version) return false;
      return (await this.receiver.loa(['test'])).code === 0;
    });
  }

  async close(): Promise<void> {
    await this.end();
    await this.board.close();
    await this.server.close();
    await this.province.close();
  }

  async #until(what: string, wanted: () => Promise<boolean>): Promise<void> {
    await waitUntil(what, async () => (await wanted().catch(() => false)) || undefined, {
      ...{ deadlineMs: DEADLINE_MS, everyMs: 100 },
    });
  }

  /** Boot after boot until it is switched off for good. */
  async #live(): Promise<void> {
    while (this.#on) {
      this.boots += 1;
      this.#cut = false;
      await this.board.boot();
      // In memory, as /run is: what is known of earlier crashes is gone with the power.
      await rm(join(this.receiver.folder, 'runs.json'), { force: true });
      const mount = join(this.board.folder, 'root');
      await mkdir(mount, { recursive: true });
      const { exitCode, errorText } = await runTool('mount', ['-o', 'loop,ro', this.board.slot, mount]);
      if (exitCode !== 0) throw new Error(errorText);
      await this.#runFrom(mount);
      await runTool('umount', [mount]);
    }
  }

  /** What systemd does with the unit until the machine is to start anew. */
  async #runFrom(mount: string): Promise<void> {
    for (this.starts = 1; this.#on && !this.#cut && this.starts <= STARTS_IN_BOOT; this.starts += 1) {
      const child = spawn(
        process.execPath,
        [join(mount, 'main.js'), 'run', '--config', this.receiver.configPath],
        {
          env: { ...process.env, PATH: `${this.board.programs}:${process.env['PATH'] ?? ''}` },
          stdio: 'ignore',
        },
      );
      this.#child = child;
      const ended = once(child, 'close').then(() => true);
      for (;;) {
        if (await Promise.race([ended, sleep(200).then(() => false)])) break;
        if (await isThere(this.board.rebootWanted)) {
          child.kill('SIGTERM');
          await ended;
          return;
        }
      }
    }
  }

  async #image(version: string, quality: Quality): Promise<string> {
    const path = join(this.folder, `${version}-${quality}.squashfs`);
    if (await isThere(path)) return path;
    const words = [await this.programs.folderOf(version, quality), path, '-quiet', '-no-progress'];
    const { exitCode, errorText } = await runTool('mksquashfs', words, { deadlineMs: 120_000 });
    if (exitCode !== 0) throw new Error(errorText);
    return path;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const CASES: Readonly<Record<string, (bench: ImageBench) => Promise<string>>> = {
  async 'a good one'(bench) {
    await bench.offer({});
    await bench.begin();
    await bench.untilStage('committed');
    await bench.playsAndReports(NEW_VERSION);
    bench.powerCut();
    await sleep(500);
    await bench.playsAndReports(NEW_VERSION);
    return `${NEW_VERSION} from slot ${bench.board.booted} after ${bench.boots} boots`;
  },
  async 'the mains go while it is written'(bench) {
    await bench.offer({});
    await bench.begin();
    await bench.untilStage('unpacking', 'trial-ready', 'trial');
    bench.powerCut();
    await bench.untilStage('committed');
    await bench.playsAndReports(NEW_VERSION);
    return `${NEW_VERSION} after ${bench.boots} boots`;
  },
  async 'the mains go on its trial'(bench) {
    await bench.offer({});
    await bench.begin();
    await bench.untilStage('trial');
    await waitUntil('it runs on trial', () => bench.board.booted === 'B' || undefined, {
      ...{ deadlineMs: DEADLINE_MS, everyMs: 50 },
    });
    await sleep(3_000);
    bench.powerCut();
    await bench.untilStage('committed');
    await bench.playsAndReports(NEW_VERSION);
    return `${NEW_VERSION} after ${bench.boots} boots`;
  },
  'one that ends where it begins': (bench) => left(bench, { quality: 'crashes' }, 'E_UPDATE_TRIAL'),
  'one that is deaf': (bench) => left(bench, { quality: 'deaf' }, 'E_UPDATE_TRIAL'),
  'one that a stranger has signed': (bench) => left(bench, { isForeign: true }, 'E_UPDATE_BUNDLE'),
  async 'one for another board'(bench) {
    await bench.offer({ compatible: 'another-board' });
    await bench.begin();
    const state = await waitUntil(
      'it is refused',
      async () => {
        const kept = await bench.kept();
        return kept?.refusal === undefined ? undefined : kept;
      },
      { deadlineMs: DEADLINE_MS, everyMs: 50 },
    );
    await bench.playsAndReports(FLOOR_VERSION);
    if (state.refusal?.code !== 'E_UPDATE_ARCHITECTURE')
      throw new Error(`refused by ${state.refusal?.code ?? '-'}`);
    return `${state.refusal.code}, ${FLOOR_VERSION} goes on`;
  },
};

/** An image that is no good is left for the one before, with the code that says why. */
async function left(
  bench: ImageBench,
  of: Parameters<ImageBench['offer']>[0],
  code: string,
): Promise<string> {
  await bench.offer(of);
  await bench.begin();
  const { stage } = await bench.untilStage('back');
  await bench.playsAndReports(FLOOR_VERSION);
  if (stage.kind !== 'back' || stage.code !== code) throw new Error(`back by ${JSON.stringify(stage)}`);
  return `${code} (${stage.detail.slice(0, 60)}), ${FLOOR_VERSION} from slot ${bench.board.booted} after ${bench.boots} boots`;
}

/** Offers images of every kind to a receiver, one after the other. */
export async function raucUpdates(folder: string, progress: (line: string) => void): Promise<ImageCell[]> {
  const bench = await ImageBench.open(folder);
  const cells: ImageCell[] = [];
  try {
    for (const [image, run] of Object.entries(CASES)) {
      let cell: ImageCell;
      try {
        cell = { image, holds: true, found: await run(bench) };
      } catch (error) {
        const kept = JSON.stringify((await bench.kept())?.stage ?? {}).slice(0, 200);
        cell = { image, holds: false, found: `${messageOf(error)}; ${kept}` };
      }
      await bench.end();
      cells.push(cell);
      progress(`${image}: ${cell.holds ? 'holds' : 'DOES NOT HOLD'}: ${cell.found}`);
    }
  } finally {
    await bench.close();
  }
  return cells;
}
