import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { waitUntil } from '../support/wait-until.js';

/** How an Icecast is set up. */
export interface IcecastOptions {
  /** An existing, empty folder for its configuration. */
  readonly folder: string;
  /** What a new listener gets at once, bytes. */
  readonly burstBytes: number;
  /** What it holds for a slow listener, bytes; more than the burst. 256 KiB by default. */
  readonly queueBytes?: number;
}

const ENDS_WITHIN_MS = 5_000;

/** A real Icecast (Debian's icecast2) on a free port of the loopback, with passwords of its own. */
export class Icecast {
  readonly port: number;
  /** Of the user `source`. */
  readonly sourcePassword: string;
  readonly #configPath: string;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(port: number, sourcePassword: string, configPath: string) {
    this.port = port;
    this.sourcePassword = sourcePassword;
    this.#configPath = configPath;
  }

  /** Writes its configuration, starts it and waits until it answers. */
  static async start(options: IcecastOptions): Promise<Icecast> {
    const port = await freePort();
    const sourcePassword = newPassword();
    const configPath = join(options.folder, 'icecast.xml');
    const webPath = join(options.folder, 'web');
    await mkdir(webPath, { recursive: true });
    await writeFile(configPath, configuration({ ...options, port, sourcePassword, webPath }), {
      mode: 0o600,
    });
    const icecast = new Icecast(port, sourcePassword, configPath);
    await icecast.#run();
    return icecast;
  }

  /** `127.0.0.1:PORT`, as the receiver's list of plain hosts names it. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Where a mount point is heard. */
  urlOf(mount: string): string {
    return `http://${this.host}/${mount}`;
  }

  /** Ends it and starts it again on the same port. Listeners and sources are cut. */
  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    await this.#run();
  }

  /** Starts it again after {@link stop}. */
  async startAgain(): Promise<void> {
    if (this.#child === undefined) await this.#run();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    const limit = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(limit);
  }

  async #run(): Promise<void> {
    const child = spawn('icecast2', ['-c', this.#configPath], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-4_000);
      });
    }
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    await waitUntil('icecast answers', async () => {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null) throw new Error(`icecast ended with ${child.exitCode}: ${this.#said}`);
      return answers(`http://${this.host}/`);
    });
  }
}

async function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

function newPassword(): string {
  return randomBytes(12).toString('hex');
}

/**
 * As little as Icecast 2.4 takes. It refuses to run as root, so then it is told to become `nobody`; its log goes to
 * standard error, because `nobody` cannot write in our folder.
 */
function configuration(
  set: IcecastOptions & { port: number; sourcePassword: string; webPath: string },
): string {
  const security =
    process.getuid?.() === 0
      ? '<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>'
      : '<security><chroot>0</chroot></security>';
  return `<icecast>
  <hostname>127.0.0.1</hostname>
  <limits>
    <clients>32</clients>
    <sources>8</sources>
    <queue-size>${set.queueBytes ?? 262_144}</queue-size>
    <source-timeout>10</source-timeout>
    <burst-size>${set.burstBytes}</burst-size>
  </limits>
  <authentication>
    <source-password>${set.sourcePassword}</source-password>
    <relay-password>${newPassword()}</relay-password>
    <admin-user>admin</admin-user>
    <admin-password>${newPassword()}</admin-password>
  </authentication>
  <listen-socket><port>${set.port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths>
    <logdir>${set.folder}</logdir>
    <webroot>${set.webPath}</webroot>
    <adminroot>${set.webPath}</adminroot>
  </paths>
  <logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>2</loglevel></logging>
  ${security}
</icecast>
`;
}
