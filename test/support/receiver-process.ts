import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askReceiver } from '../../agent/technician/client.js';
import type { Status } from '../../agent/technician/status.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { waitUntil } from './wait-until.js';

/** What the province gives in answer to a certificate request. */
export interface Admission {
  readonly certificatePem: string;
  readonly anchorsPem: string;
  readonly trustText: string;
  readonly rootFingerprint: string;
}

/** How a receiver under test is set up. */
export interface ReceiverSetUp {
  readonly id: string;
  /** An empty folder for everything of this receiver. */
  readonly folder: string;
  readonly broker: { readonly host: string; readonly port: number };
  /** Path of the program; the compiled `agent/main.js` of this checkout by default. */
  readonly program?: string;
  /** Settings over the defaults, as in the configuration file. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
  /** The Node that runs it; the one that runs this by default. */
  readonly node?: string;
  /** The province's answer to the CSR. */
  readonly admit: (csrPem: string) => Promise<Admission>;
}

/** The real program in a process of its own, set up as an installer would: request, install, run. */
export class ReceiverProcess {
  readonly id: string;
  readonly folder: string;
  readonly socketPath: string;
  readonly configPath: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #program: string;
  readonly #node: string;
  #child: ChildProcess | undefined;
  #output: number | 'pipe' = 'pipe';
  #written = '';

  private constructor(setUp: Pick<ReceiverSetUp, 'id' | 'folder' | 'env' | 'node' | 'program'>) {
    this.id = setUp.id;
    this.folder = setUp.folder;
    this.socketPath = join(setUp.folder, 'loa.sock');
    this.configPath = join(setUp.folder, 'loa.json');
    this.#env = { ...process.env, ...setUp.env };
    this.#program = setUp.program ?? program();
    this.#node = setUp.node ?? process.execPath;
  }

  /** One that is enrolled and configured already, in its folder's `loa.json`. */
  static at(setUp: Pick<ReceiverSetUp, 'id' | 'folder' | 'env' | 'node'>): ReceiverProcess {
    return new ReceiverProcess(setUp);
  }

  /** Enrols it: `loa certificate request`, the province's answer, `loa certificate install`. */
  static async enrol(setUp: ReceiverSetUp): Promise<ReceiverProcess> {
    const receiver = await ReceiverProcess.configured(setUp);
    const asked = await receiver.loa(['certificate', 'request', '--id', setUp.id, '--json']);
    const { requestPem } = JSON.parse(asked.stdout) as { requestPem: string };
    const admission = await setUp.admit(requestPem);
    const installed = await receiver.loa([
      ...['certificate', 'install', '--fingerprint', admission.rootFingerprint],
      ...['--certificate', await receiver.file('device.crt', admission.certificatePem)],
      ...['--anchors', await receiver.file('anchors.pem', admission.anchorsPem)],
      ...['--trust', await receiver.file('trust.json', admission.trustText)],
    ]);
    if (installed.code !== 0) throw new Error(`not installed: ${installed.stderr}`);
    return receiver;
  }

  /** Only its folder and configuration: nobody yet. */
  static async configured(setUp: Omit<ReceiverSetUp, 'admit'>): Promise<ReceiverProcess> {
    const receiver = new ReceiverProcess(setUp);
    await mkdir(setUp.folder, { recursive: true });
    const base = {
      stateFolder: join(setUp.folder, 'state'),
      socketPath: receiver.socketPath,
      language: 'en',
    };
    const broker = { keepaliveS: 60, retryMinMs: 300, retryMaxMs: 1_000, ...setUp.broker };
    await receiver.configure({ ...base, broker, ...setUp.settings });
    return receiver;
  }

  /** Puts a file (0600) into its folder. @returns its path */
  async file(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  /** Everything it has written, the newest 2 MB: log lines on standard output, errors on standard error. */
  get written(): string {
    return this.#written;
  }

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** From the next start on its log goes to this file descriptor; nothing of it is in `written` then. */
  logTo(output: number): void {
    this.#output = output;
  }

  /** Writes the configuration file. */
  async configure(settings: object): Promise<void> {
    await writeFile(this.configPath, JSON.stringify(settings, undefined, 2));
  }

  /** Runs one `loa` command to its end. */
  async loa(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(this.#node, [this.#program, ...args, '--config', this.configPath], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  /** Starts `loa run` and waits until it answers on its socket. @param args more of its words */
  async start(...args: readonly string[]): Promise<void> {
    const { settings, flags } = await firstLineOf(this.#program);
    const child = spawn(this.#node, [...flags, this.#program, 'run', ...args, '--config', this.configPath], {
      env: { ...settings, ...this.#env },
      stdio: ['ignore', this.#output, 'pipe'],
    });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        this.#written = (this.#written + text).slice(-(1 << 21));
      });
    }
    await waitUntil(
      `${this.id} answers`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${this.id} ended: ${this.#written.slice(-2000)}`);
        return this.status().catch(() => undefined);
      },
      { deadlineMs: 60_000, everyMs: 50 },
    );
  }

  /** Its status, asked over its socket. */
  async status(): Promise<Status> {
    return (await askReceiver(this.socketPath, 'GET', '/v1/status')) as Status;
  }

  /** Waits until its status is as wanted. */
  async waitFor(what: string, wanted: (status: Status) => boolean, deadlineMs = 20_000): Promise<Status> {
    const found = await waitUntil(
      `${this.id}: ${what}`,
      async () => {
        const status = await this.status();
        return wanted(status) ? status : undefined;
      },
      { deadlineMs, everyMs: 50 },
    );
    return found;
  }

  /** Ends it; SIGTERM lets it say farewell. Returns its exit code, null where a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }
}

/** The environment and Node's flags as the program's own first line gives them. */
async function firstLineOf(program: string): Promise<{ settings: Record<string, string>; flags: string[] }> {
  const [first = ''] = (await readFile(program, 'utf8')).split('\n', 1);
  const { settings = '', flags = '' } =
    /^#!\/usr\/bin\/env -S (?<settings>(?:\w+=\S+ )*)node (?<flags>.*)$/.exec(first)?.groups ?? {};
  const pairs = settings
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.split('=', 2));
  return {
    settings: Object.fromEntries(pairs) as Record<string, string>,
    flags: flags.split(' ').filter(Boolean),
  };
}

function program(): string {
  return join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
}
