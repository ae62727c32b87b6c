import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askReceiver } from '../../agent/technician/client.js';
import { repositoryRoot } from '../heard/repository-root.js';

/**
 * As `TimeoutStartSec=` of the unit, which is three minutes: who does not answer by then is killed. Reckoned by the processor's time that it
 * has used, because a machine that is busy with something else is no fault of the program.
 */
const START_LIMIT_CPU_S = 8;
const START_LIMIT_MS = 180_000;
/** A second of the processor in the ticks of /proc/PID/stat (proc(5)). */
const TICKS = 100;
const RESTART_MS = 100;

/** What systemd does with the unit: starts it by the launcher, starts it again whenever it ends, kills what does not come up. */
export class Supervisor {
  child: ChildProcess | undefined;
  starts = 0;
  written = '';
  #on = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly setUp: {
      readonly floor: string;
      readonly slots: string;
      readonly bootIdPath: string;
      readonly configPath: string;
      readonly socketPath: string;
      /** Over this process's own. */
      readonly env?: NodeJS.ProcessEnv;
    },
  ) {}

  start(): void {
    this.#on = true;
    this.#running = this.#run();
  }

  /** SIGKILL to what runs; it is started again. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  /** No more starts; what runs gets the signal. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#on = false;
    this.child?.kill(signal);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { floor, slots, bootIdPath, configPath, env } = this.setUp;
    const launch = join(repositoryRoot(import.meta.url), 'build/packages/files/launch.sh');
    while (this.#on) {
      this.starts += 1;
      const child = spawn('sh', [launch, floor, 'run', '--config', configPath], {
        env: {
          ...{ ...process.env, ...env },
          ...{ LOA_SLOTS: slots, LOA_BOOT_ID: bootIdPath, LOA_NODE: process.execPath },
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.child = child;
      for (const output of [child.stdout, child.stderr])
        output.setEncoding('utf8').on('data', (text: string) => {
          this.written = (this.written + text).slice(-(1 << 20));
        });
      const closed = once(child, 'close');
      void this.#watch(child);
      await closed;
      if (this.#on) await sleep(RESTART_MS);
    }
  }

  async #watch(child: ChildProcess): Promise<void> {
    const endMs = performance.now() + START_LIMIT_MS;
    while (performance.now() < endMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const answers = await askReceiver(this.setUp.socketPath, 'GET', '/v1/update', undefined, 1_000).then(
        () => true,
        () => false,
      );
      if (answers) return;
      if ((await cpuSeconds(child.pid)) > START_LIMIT_CPU_S) break;
      await sleep(200);
    }
    child.kill('SIGKILL');
  }
}

/** User and system time of a process; 0 where it is gone. */
async function cpuSeconds(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = '0', system = '0'] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / TICKS;
}
