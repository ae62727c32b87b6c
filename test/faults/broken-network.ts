import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downTopics } from '../../protocols/topics.js';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls } from '../fakes/broker-tls.js';
import { CableBetween } from '../support/network-namespaces.js';
import { waitUntil } from '../support/wait-until.js';
import { hearRecords, type Delivery, type HeardRecords } from './heard-records.js';
import { LightReceiver } from './light-receiver.js';

/** What one fault of the network did. */
export interface NetworkFault {
  readonly name: string;
  /** From the fault until the receiver's link knew. */
  readonly noticedMs: number;
  /** What it knew. */
  readonly code: string;
  /** From the fault's end until the link was up again. */
  readonly backMs: number;
}

/** What a row of faults led to. */
export interface BrokenNetwork {
  readonly keepaliveS: number;
  readonly faults: readonly NetworkFault[];
  readonly delivery: Delivery;
  /** A command that was sent after the broker had lost its memory arrived. */
  readonly commandHeard: boolean;
}

const RECEIVER = 'bt-001';
const KEEPALIVE_S = 4;
/** A record each so often: there is always one under way. */
const EVERY_MS = 25;
/** More than it comes to. */
const RECORDS = 100_000;

/** A light receiver that reports all the time, and a mosquitto, each in a network namespace of its own. */
interface Scene {
  readonly cable: CableBetween;
  readonly broker: Mosquitto;
  readonly heard: HeardRecords;
  readonly receiver: LightReceiver;
}

/**
 * The network breaks in the ways in which real ones do while a receiver reports: packets vanish, the address changes, the
 * cable is pulled, the broker comes back without its memory. The province stands beside the broker.
 */
export async function breakNetwork(): Promise<BrokenNetwork> {
  const closers: (() => Promise<unknown>)[] = [];
  const accepted: string[] = [];
  try {
    const scene = await openScene(accepted, closers);
    const { cable, heard, receiver } = scene;
    await receiver.until(() => receiver.link === 'up' && receiver.accepted > 40, 30_000);
    const faults = [
      await fault(
        'packets vanish',
        receiver,
        () => cable.drop(),
        () => cable.deliver(),
      ),
      await fault(
        'another address',
        receiver,
        () => cable.readdress(),
        async () => undefined,
      ),
      await fault(
        'the cable is pulled',
        receiver,
        () => cable.plug('down'),
        () => cable.plug('up'),
      ),
      await fault(
        'the broker loses its memory',
        receiver,
        () => cable.drop(),
        () => forgetAll(scene),
      ),
    ];
    const commandHeard = await command(scene);
    receiver.finish();
    await receiver.until(() => receiver.empty, 60_000);
    await waitUntil('the rest is heard', () => heard.quietMs() > 1_500, { deadlineMs: 60_000, everyMs: 100 });
    return { keepaliveS: KEEPALIVE_S, faults, delivery: heard.judge(accepted), commandHeard };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openScene(accepted: string[], closers: (() => Promise<unknown>)[]): Promise<Scene> {
  const tls = await makeBrokerTls(RECEIVER);
  closers.push(() => tls.remove());
  const folder = await mkdtemp(join(tmpdir(), 'loa-network-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const cable = await CableBetween.lay();
  closers.push(() => cable.remove());
  const socketPath = join(folder, 'province.sock');
  const place = { address: cable.farAddress, through: cable.at('far'), socketPath };
  const broker = await Mosquitto.prepare(
    tls,
    'topic readwrite #\npattern readwrite loa/v1/receiver/%u/#\n',
    place,
  );
  closers.push(() => broker.remove());
  await broker.start();
  const heard = await hearRecords({ protocol: 'mqtt+unix', path: socketPath });
  closers.push(() => heard.close());
  const file = (name: string): string => join(tls.folder, name);
  const receiver = await LightReceiver.begin(
    {
      ...{ receiver: RECEIVER, host: cable.farAddress, port: broker.port, keepaliveS: KEEPALIVE_S },
      ...{ storeFolder: join(folder, 'store'), records: RECORDS, everyMs: EVERY_MS },
      ...{ ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') },
    },
    accepted,
    cable.at('near'),
  );
  closers.push(async () => receiver.ended || receiver.kill());
  return { cable, broker, heard, receiver };
}

/** Lets a fault begin, waits until the receiver knows, ends it, and waits until the receiver is back. */
async function fault(
  name: string,
  receiver: LightReceiver,
  begin: () => Promise<void>,
  end: () => Promise<void>,
): Promise<NetworkFault> {
  const atMs = performance.now();
  await begin();
  await receiver.until(() => receiver.link === 'down', 60_000);
  const noticedMs = Math.round(performance.now() - atMs);
  await end();
  const mendedMs = performance.now();
  await receiver.until(() => receiver.link === 'up', 60_000);
  return { name, noticedMs, code: receiver.lastCode, backMs: Math.round(performance.now() - mendedMs) };
}

/**
 * Broker and province are alone meanwhile: what the broker has acknowledged is with the province before it forgets, and the
 * province listens again before the receiver is let in. What a broker loses after its PUBACK no receiver can know.
 */
async function forgetAll({ cable, broker, heard }: Scene): Promise<void> {
  await waitUntil('everything acknowledged is heard', () => heard.quietMs() > 1_000, { deadlineMs: 20_000 });
  await broker.stop('SIGKILL');
  await waitUntil('the province has noticed', () => !heard.isListening);
  await broker.forget();
  await broker.start();
  await waitUntil('the province listens again', () => heard.isListening, { deadlineMs: 20_000 });
  await cable.deliver();
}

/** The session has gone with the broker's memory: only a receiver that has subscribed anew hears this. */
async function command({ heard, receiver }: Scene): Promise<boolean> {
  return waitUntil(
    'the command',
    async () => {
      await heard.publish(downTopics.receiverCommand(RECEIVER), 'again');
      return receiver.commands.includes('again');
    },
    { deadlineMs: 15_000, everyMs: 200 },
  ).catch(() => false);
}
