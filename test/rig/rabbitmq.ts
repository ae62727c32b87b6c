import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BrokerTls } from '../fakes/broker-tls.js';
import { freePort } from '../support/free-port.js';
import { waitUntil } from '../support/wait-until.js';

/** Where Debian has the program itself; `/usr/sbin/rabbitmq-server` changes the user first. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Why there can be no RabbitMQ here; false where there can. */
export function withoutRabbitMq(): string | false {
  return existsSync(PROGRAM) ? false : 'missing tool: rabbitmq-server';
}

/** A RabbitMQ with its MQTT plugin (MQTT 3.1.1), mutual TLS, in a folder and under a name of its own. */
export class RabbitMq {
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(
    readonly folder: string,
    readonly port: number,
    /** The highest version of MQTT that this release speaks: 5 since 3.13. */
    readonly mqttVersion: 4 | 5,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Files of `tls`: ca.pem, server.pem, server.key. */
  static async prepare(tls: Pick<BrokerTls, 'folder'>): Promise<RabbitMq> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-rabbitmq-'));
    const [port, amqp, distribution, epmd] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const file = (name: string): string => join(tls.folder, name);
    const [major, minor] = await release();
    const isNew = major > 3 || minor >= 13;
    const settings = [
      `listeners.tcp.default = 127.0.0.1:${amqp}`,
      'mqtt.listeners.tcp = none',
      `mqtt.listeners.ssl.default = 127.0.0.1:${port}`,
      'mqtt.allow_anonymous = true',
      'mqtt.exchange = amq.topic',
      isNew ? 'mqtt.max_session_expiry_interval_seconds = 86400' : 'mqtt.subscription_ttl = 86400000',
      `ssl_options.cacertfile = ${file('ca.pem')}`,
      `ssl_options.certfile = ${file('server.pem')}`,
      `ssl_options.keyfile = ${file('server.key')}`,
      'ssl_options.verify = verify_peer',
      'ssl_options.fail_if_no_peer_cert = true',
    ];
    await writeFile(join(folder, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
    await writeFile(join(folder, 'enabled_plugins'), '[rabbitmq_mqtt].\n');
    const env = {
      ...process.env,
      HOME: folder,
      RABBITMQ_NODENAME: `loa-${port}@localhost`,
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_DIST_PORT: String(distribution),
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
    };
    return new RabbitMq(folder, port, isNew ? 5 : 4, env);
  }

  /** Resolves when it listens and says that it has started; a cold start takes tens of seconds. */
  async start(): Promise<void> {
    const child = spawn(PROGRAM, [], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const output of [child.stdout, child.stderr])
      output.setEncoding('utf8').on('data', (text: string) => (this.said = (this.said + text).slice(-4_000)));
    await waitUntil(
      'RabbitMQ has started',
      async () => {
        if (child.exitCode !== null) throw new Error(`RabbitMQ ended: ${this.said}`);
        // It listens some seconds before its plugins are all there.
        return this.said.includes('completed with') && (await answers(this.port));
      },
      { deadlineMs: 120_000, everyMs: 200 },
    );
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await waitUntil('RabbitMQ ends', () => child.exitCode !== null || child.signalCode !== null, {
      deadlineMs: 60_000,
      everyMs: 100,
    });
  }

  async remove(): Promise<void> {
    await this.stop();
    // Erlang's port mapper stays behind as a daemon, on the port that is this broker's alone.
    spawnSync('epmd', ['-kill'], { env: this.env });
    await rm(this.folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Its release, as its folder says: 3.10 in Debian 12, 4.0 in Debian 13. */
async function release(): Promise<readonly [number, number]> {
  const names = await readdir(join(dirname(dirname(PROGRAM)), 'lib'));
  const found = names
    .map((name) => /^rabbitmq_server-(\d+)\.(\d+)/.exec(name))
    .find((match) => match !== null);
  if (found === undefined) throw new Error(`no RabbitMQ among ${names.join(' ')}`);
  return [Number(found[1]), Number(found[2])];
}
