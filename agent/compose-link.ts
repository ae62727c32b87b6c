/** The half of the wiring that speaks with the province: link, outbox, reporter. */
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Revocation } from '../certs/revocation.js';
import { tlsOptions } from '../certs/tls-options.js';
import { signerOf, type Held } from './compose-identity.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { Refusal } from './core/errors.js';
import type { Log } from './core/log.js';
import type { Store } from './core/store.js';
import type { Route } from './link/dial.js';
import { createEnvelope, lastWords } from './link/envelope.js';
import { proxyOf } from './link/http-proxy.js';
import { Ledger } from './link/ledger.js';
import { createLink, type Link } from './link/link.js';
import { LINK_TIMES, type LinkTimes } from './link/link-state.js';
import { openOutbox, type Outbox } from './link/outbox.js';
import { openReporter, type Reporter } from './link/reporter.js';
import { RETRY_DEFAULTS } from './link/retry.js';
import { LinkWatch } from './link-watch.js';
import { LEDGER_FILE } from './state-files.js';

/** A machine that has been up for less than this has had its power back just now, and its neighbours with it. */
const BOOTED_S = 300;

/** How long a receiver that is stopped waits for the broker to take what it still has to say. */
const SENDING_LIMIT_MS = 2_000;

/** What link, outbox and reporter stand on. */
export interface ReportingParts {
  readonly revocation: Revocation;
  readonly config: Config;
  readonly held: Held;
  readonly store: Store;
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where what the link brings goes. */
export interface Attached {
  onUp(mqttVersion: 4 | 5): void;
  onDown(why: Refusal): void;
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
  /** A message on this topic was dropped as it came in, for its size. */
  onOversize(topic: string): void;
  /** Has an ordinary message on this topic no room? It is dropped as it comes in. */
  sheds(topic: string, bytes: number): boolean;
}

/** What goes to the province and what comes from it. */
export interface Reporting {
  readonly link: Link;
  readonly outbox: Outbox;
  readonly reporter: Reporter;
  /** What crosses the network, for whatever purpose. */
  readonly ledger: Ledger;
  /** Says where messages and births go, before the link is started. */
  attach(to: Attached): void;
  /** From here on a link that goes is no alarm. */
  leaving(): void;
  /** Waits until what is kept has been acknowledged, for 2 s at most, and not at all where the link is not up. */
  sent(): Promise<void>;
}

/** Opens link, outbox and reporter; the link is not started yet. @throws LoaError `E_STORE_OPEN` */
export async function openReporting(parts: ReportingParts): Promise<Reporting> {
  const { config, held, store, clock } = parts;
  const log = parts.log.child({ module: 'link' });
  const envelope = createEnvelope(held.identity.receiverId, parts.boot, clock);
  let attached: Attached | undefined;
  const { keepaliveS, keepaliveMaxS } = config.broker;
  const brokers = brokersOf(config);
  const ledger = await Ledger.open({
    ...{ path: join(config.stateFolder, LEDGER_FILE), clock, log },
    ...{ metered: config.network.simInterfaces, budgetMb: config.network.simBudgetMb },
    tell: (body) => void reporter.event(body),
  });
  const link: Link = createLink({
    receiverId: held.identity.receiverId,
    tls: async (broker) => {
      const { host, port } = brokers[broker] ?? config.broker;
      const { checkServerIdentity } = parts.revocation;
      return { ...tlsOptions(held.identity), host, port, servername: host, checkServerIdentity };
    },
    route: routeOf(config),
    keepaliveS,
    longestKeepaliveS: keepaliveMaxS,
    times: timesOf(config, brokers.length),
    lastWords: (reason) => lastWords(envelope, reason),
    store,
    clock,
    random: Math.random,
    log,
    listener: {
      onUp: ({ mqttVersion }) => {
        watch.up();
        attached?.onUp(mqttVersion);
        outbox.resume();
      },
      onDown: (why) => {
        outbox.pause();
        watch.down(why);
        attached?.onDown(why);
      },
      onMessage: async (topic, payload) => attached?.onMessage(topic, payload),
      onBytes: ({ purpose, received, sent, address }) => ledger.charge(purpose, received, sent, address),
      sheds: (topic, bytes) => attached?.sheds(topic, bytes) ?? false,
      onOversize: ({ topic, bytes }) => {
        attached?.onOversize(topic);
        void reporter.event({
          kind: 'security',
          code: 'E_MESSAGE_SIZE',
          detail: `a message of ${bytes} bytes was dropped`,
          fields: { topic: topic.slice(0, 200) },
        });
      },
    },
  });
  const outbox: Outbox = await openOutbox({
    store,
    clock,
    log,
    publish: (topic, payload) => link.publish(topic, payload),
  });
  const reporter: Reporter = await openReporter({
    envelope,
    outbox,
    link,
    store,
    signer: signerOf(held),
    clock,
    log,
  });
  const watch = new LinkWatch(clock, (body) => void reporter.event(body));
  return {
    link,
    outbox,
    reporter,
    ledger,
    attach: (to) => {
      attached = to;
    },
    leaving: () => watch.close(),
    sent: () => sent(link, outbox, clock),
  };
}

/** The brokers in their order. */
function brokersOf({ broker }: Config): readonly { readonly host: string; readonly port: number }[] {
  const others = broker.hosts.map((text) => {
    // More than one colon is an address of IPv6.
    const [, host = text, port] = /^([^:]+):(\d+)$/.exec(text) ?? [];
    return { host, port: port === undefined ? broker.port : Number(port) };
  });
  return [{ host: broker.host, port: broker.port }, ...others];
}

function routeOf({ broker }: Config): Route {
  const proxy = proxyOf(broker.proxy);
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(broker.webSocketPath === '' ? {} : { webSocketPath: broker.webSocketPath }),
  };
}

/** The first attempt is spread only where the machine has just been switched on: a program that starts again is alone. */
function timesOf({ broker }: Config, brokers: number): LinkTimes {
  const bootSpreadMs = uptime() < BOOTED_S ? broker.bootSpreadS * 1000 : 0;
  const retry = { ...RETRY_DEFAULTS, firstMs: broker.retryMinMs, longestMs: broker.retryMaxMs };
  return { ...LINK_TIMES, retry, bootSpreadMs, brokers };
}

async function sent(link: Link, outbox: Outbox, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + SENDING_LIMIT_MS;
  while (link.status().kind === 'up' && outbox.pending().messages > 0 && clock.monotonicMs() < endMs) {
    await new Promise<void>((resolve) => clock.after(20, resolve));
  }
}
