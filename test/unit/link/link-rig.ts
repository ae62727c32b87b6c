import type { ConnectionOptions } from 'node:tls';
import t from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import type { Refusal } from '../../../agent/core/errors.js';
import { createLink, type Link, type LinkListener, type LinkOptions } from '../../../agent/link/link.js';
import { startFakeBroker, type BrokerScript, type FakeBroker } from '../../fakes/broker.js';
import { makeBrokerTls, withoutOpenssl, type BrokerTls } from '../../fakes/broker-tls.js';
import { memoryStore } from '../../fakes/memory-store.js';
import { keptLog, type KeptLog } from './support.js';

export type Tap = typeof t;
type Told = {
  readonly up: number;
  readonly down: number;
  readonly message: number;
  readonly oversize: number;
};

/** A link with its listener's notes, and the broker it speaks to. */
export interface Rig {
  readonly link: Link;
  readonly broker: FakeBroker;
  readonly log: KeptLog;
  readonly ups: { mqttVersion: 4 | 5; sessionPresent: boolean }[];
  readonly downs: Refusal[];
  readonly messages: string[];
  readonly oversizes: { topic: string; bytes: number }[];
  /** Waits until the listener has been told so much. */
  readonly told: (least: Partial<Told>) => Promise<void>;
}

/** Why these tests cannot run here; false where they can. */
export const skip = withoutOpenssl();
/** Retries at once, so that no test waits. */
export const AT_ONCE = { firstMs: 0, longestMs: 0, stableMs: 300_000 };
/** UTF-8 of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A link to a port, its listener keeping notes. */
export function makeLink(
  port: number,
  tls: BrokerTls,
  changes: Partial<LinkOptions> = {},
): Omit<Rig, 'broker'> {
  const log = keptLog();
  const ups: Rig['ups'] = [];
  const downs: Refusal[] = [];
  const messages: string[] = [];
  const oversizes: Rig['oversizes'] = [];
  let watchers: (() => void)[] = [];
  const wake = (): void => {
    const woken = watchers;
    watchers = [];
    for (const watcher of woken) watcher();
  };
  const note = <T>(list: T[], item: T): void => {
    list.push(item);
    wake();
  };
  const listener: LinkListener = {
    onUp: (up) => note(ups, up),
    onDown: (why) => note(downs, why),
    async onMessage(topic, payload) {
      note(messages, `${topic} ${new TextDecoder().decode(payload)}`);
    },
    onOversize: (message) => note(oversizes, message),
    ...changes.listener,
  };
  const link = createLink({
    receiverId: 'bt-001',
    tls: async () => tlsTo(port, tls),
    keepaliveS: 60,
    lastWords: (reason) => ({ topic: 'loa/v1/receiver/bt-001/state', payload: bytes(reason), retain: true }),
    store: memoryStore(),
    clock: systemClock,
    random: () => 0,
    log,
    times: { retry: AT_ONCE },
    ...changes,
    listener,
  });
  const told = async (least: Partial<Told>): Promise<void> => {
    const enough = (): boolean =>
      ups.length >= (least.up ?? 0) &&
      downs.length >= (least.down ?? 0) &&
      messages.length >= (least.message ?? 0) &&
      oversizes.length >= (least.oversize ?? 0);
    while (!enough()) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  return { link, log, ups, downs, messages, oversizes, told };
}

/** How to reach a port with a receiver's certificate. */
export function tlsTo(port: number, tls: BrokerTls): ConnectionOptions {
  return { host: '127.0.0.1', port, ca: tls.ca, ...tls.client };
}

/** A link and a fake broker, taken down with the test. */
export async function rig(
  t: Tap,
  script: Partial<BrokerScript> = {},
  changes: Partial<LinkOptions> = {},
): Promise<Rig> {
  const tls = await certificates;
  const broker = await startFakeBroker(tls, script);
  const made = makeLink(broker.port, tls, changes);
  t.teardown(async () => {
    await made.link.close();
    await broker.close();
  });
  return { ...made, broker };
}

/** One authority for all tests of a file; taken away at its end. */
export const certificates: Promise<BrokerTls> =
  skip === false ? makeBrokerTls('bt-001') : Promise.reject(new Error(skip));
certificates.catch(() => undefined);
t.teardown(async () => {
  if (skip === false) await (await certificates).remove();
});
