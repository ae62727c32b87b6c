import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerTls } from './broker-tls.js';

/** Why there can be no mosquitto here; false where there can. `-h` exits with 3: what counts is that it runs. */
export function withoutMosquitto(): string | false {
  return spawnSync('mosquitto', ['-h']).error === undefined ? false : 'missing tool: mosquitto';
}

/** Something that is waited for by events, with a limit so that a failure is seen. */
export class Told<T> {
  readonly items: T[] = [];
  private watchers: (() => void)[] = [];

  tell(item: T): void {
    this.items.push(item);
    for (const watcher of this.watchers.splice(0)) watcher();
  }

  async until(matches: (item: T) => boolean, limitMs = 15_000): Promise<T> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const found = this.items.find(matches);
      if (found !== undefined) return found;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Error(`not told within ${limitMs} ms; told: ${JSON.stringify(this.items)}`);
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, leftMs);
        this.watchers.push(() => {
          clearTimeout(late);
          resolve();
        });
      });
    }
  }
}

const OWN_TOPICS = `user province
topic readwrite loa/v1/#
pattern write loa/v1/receiver/%u/#
pattern read loa/v1/receiver/%u/#
`;

/** Where a mosquitto stands. */
export interface BrokerPlace {
  readonly address: string;
  /** Words before its own, such as those that put it into a network namespace. */
  readonly through: readonly string[];
  /** Beside its port it listens here, without TLS and for anybody who may open the file. */
  readonly socketPath?: string;
}

const HERE: BrokerPlace = { address: '127.0.0.1', through: [] };

/** A real mosquitto with mutual TLS whose users are the names in the certificates. */
export class Mosquitto {
  private child: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly place: BrokerPlace,
  ) {}

  /**
   * Its folder, certificates (`ca.pem`, `server.pem`, `server.key` of a folder) and access list.
   * @param access mosquitto's acl_file; by default receivers have their own topics and `province` all of Loa's
   */
  static async prepare(
    tls: Pick<BrokerTls, 'folder'>,
    access = OWN_TOPICS,
    place: BrokerPlace = HERE,
  ): Promise<Mosquitto> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-mosquitto-'));
    const port = await freePort();
    const file = (name: string): string => join(tls.folder, name);
    await writeFile(join(folder, 'acl'), access);
    await writeFile(
      join(folder, 'mosquitto.conf'),
      [
        ...(process.getuid?.() === 0 ? ['user root'] : []),
        `listener ${port} ${place.address}`,
        `cafile ${file('ca.pem')}`,
        `certfile ${file('server.pem')}`,
        `keyfile ${file('server.key')}`,
        'require_certificate true',
        'use_identity_as_username true',
        `acl_file ${join(folder, 'acl')}`,
        'persistence true',
        `persistence_location ${folder}/`,
        ...(place.socketPath === undefined ? [] : [`listener 0 ${place.socketPath}`, 'allow_anonymous true']),
      ].join('\n'),
    );
    return new Mosquitto(folder, port, place);
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const [program = '', ...words] = [...this.place.through, 'mosquitto'];
    const child = spawn(program, [...words, '-c', join(this.folder, 'mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('running')) resolve();
      });
      child.on('exit', () => reject(new Error(`mosquitto ended: ${said}`)));
    });
  }

  /** SIGTERM: its sessions and retained messages are written down. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** SIGHUP: certificates and revocation list are read again; connections go on. */
  reload(): void {
    this.child?.kill('SIGHUP');
  }

  /** It stands still with its connections open, as behind a dead link. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** While it is stopped: sessions, queues and retained messages are gone, as with a broken disk. */
  async forget(): Promise<void> {
    await rm(join(this.folder, 'mosquitto.db'), { force: true });
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Another certificate of the same authority, named `province`. */
export async function provinceCertificate(tls: BrokerTls): Promise<{ key: string; cert: string }> {
  const openssl = (args: string): string =>
    execFileSync('openssl', args.split(' '), {
      cwd: tls.folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  openssl(
    'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout province.key -out province.csr -subj /CN=province',
  );
  const cert = openssl('x509 -req -in province.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2');
  const key = openssl('pkey -in province.key');
  return { key, cert };
}
