import { lookup } from 'node:dns/promises';
import { readdir, readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  checkServerIdentity,
  connect as connectTls,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { Identity } from '../../../certs/identity.js';
import type { Config } from '../../config.js';
import { systemClock } from '../../core/clock.js';
import { codeOf, messageOf, type ErrorCode } from '../../core/errors.js';
import { dial } from '../../link/dial.js';
import { TlsSessions } from '../../link/tls-sessions.js';
import type { BrokerFacts, NetworkFacts, ShownCertificate, Step } from './facts.js';
import { limited } from './limited.js';

const DNS_LIMIT_MS = 5_000;
const TCP_LIMIT_MS = 8_000;
const TLS_LIMIT_MS = 10_000;
const PORTAL_LIMIT_MS = 4_000;
const CHAIN_LIMIT = 6;

/** Ports, their addresses and the way out, as the kernel tells them. */
export async function networkFacts(host: string): Promise<NetworkFacts> {
  const known = networkInterfaces();
  const names = (await readdir('/sys/class/net').catch(() => Object.keys(known))).filter(
    (name) => name !== 'lo',
  );
  const ports = await Promise.all(
    names.slice(0, 16).map(async (name) => {
      const state = await readFile(`/sys/class/net/${name}/operstate`, 'utf8').catch(() => 'unknown');
      const addresses = (known[name] ?? [])
        .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
        .map(({ address }) => address);
      // A modem's port tells "unknown" while it carries.
      return {
        name,
        up: state.trim() === 'up' || (state.trim() === 'unknown' && addresses.length > 0),
        addresses,
      };
    }),
  );
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => undefined);
  const route = routes?.split('\n').some((line) => line.split('\t')[1] === '00000000');
  const local = /^(localhost$|127\.|::1$)/.test(host);
  return { ports, local, ...(route === undefined ? {} : { route }) };
}

interface Timed<T> {
  readonly value: T;
  readonly tookMs: number;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const fromMs = performance.now();
  const value = await work();
  return { value, tookMs: Math.round(performance.now() - fromMs) };
}

/** What the broker is reached with; without an identity the server is looked at all the same. */
export interface BrokerProbe {
  readonly config: Config;
  readonly identity: Identity | undefined;
  readonly nowMs: number;
}

/** Name, port and TLS of the first broker of the settings, or of the proxy before it, each step with its limit. */
export async function brokerFacts({ config, identity, nowMs }: BrokerProbe): Promise<BrokerFacts> {
  const { host, port } = config.broker;
  const proxied = config.broker.proxy === '' ? undefined : new URL(config.broker.proxy);
  const near =
    proxied === undefined ? { host, port } : { host: proxied.hostname, port: Number(proxied.port || 80) };
  const found = { host, port };
  const named = await resolved(near.host);
  if (named.step.kind === 'failed') return { ...found, dns: named.step };
  const reached = await reach(near);
  if (!('socket' in reached)) return { ...found, dns: named.step, tcp: reached.step };
  const steps = { ...found, dns: named.step, tcp: reached.step };
  try {
    if (proxied !== undefined) return steps;
    return { ...steps, ...(await secured(reached.socket, host, identity, nowMs)) };
  } finally {
    reached.socket.destroy();
  }
}

async function resolved(host: string): Promise<{ readonly step: Step }> {
  if (isIP(host) !== 0) return { step: { kind: 'ok', detail: host, tookMs: 0 } };
  let reason = 'silent';
  const { value, tookMs } = await timed(() =>
    limited(
      lookup(host, { all: true }).catch((error: NodeJS.ErrnoException) => {
        reason = error.code ?? 'failed';
        throw error;
      }),
      DNS_LIMIT_MS,
    ),
  );
  const addresses = value?.map(({ address }) => address) ?? [];
  if (addresses.length > 0) return { step: { kind: 'ok', detail: addresses.slice(0, 2).join(' '), tookMs } };
  return { step: { kind: 'failed', code: 'E_LINK_DNS', detail: `${host}: ${reason}`, tookMs } };
}

async function reach(near: {
  host: string;
  port: number;
}): Promise<{ step: Step; socket: Socket } | { step: Step }> {
  const fromMs = performance.now();
  return new Promise((resolve) => {
    const socket = connectTcp({ ...near, autoSelectFamily: true, noDelay: true });
    const tookMs = (): number => Math.round(performance.now() - fromMs);
    const failed = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      const detail = `${near.host}:${near.port} ${reason}`;
      resolve({ step: { kind: 'failed', code: 'E_LINK_CONNECT', detail, tookMs: tookMs() } });
    };
    const timer = setTimeout(() => failed('silent'), TCP_LIMIT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.on('error', () => undefined);
      resolve({ step: { kind: 'ok', detail: `${near.host}:${near.port}`, tookMs: tookMs() }, socket });
    });
    socket.once('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
  });
}

async function secured(
  socket: Socket,
  host: string,
  identity: Identity | undefined,
  nowMs: number,
): Promise<Pick<BrokerFacts, 'tls' | 'shown'>> {
  const far = { host: socket.remoteAddress ?? host, port: socket.remotePort };
  const { value: outcome, tookMs } = await timed(() => handshake(socket, host, identity));
  if (outcome instanceof Error || outcome === undefined) {
    const { code, detail } = (await portal(far, host)) ?? unsecured(outcome, host);
    return { tls: { kind: 'failed', code, detail, tookMs } };
  }
  const shown = chainOf(outcome);
  const fault = faultOf(outcome, host, identity, nowMs);
  outcome.destroy();
  const step: Step =
    fault === undefined
      ? { kind: 'ok', detail: `${shown.length} cert`, tookMs }
      : { kind: 'failed', ...fault, tookMs };
  return { tls: step, shown };
}

/** Looks at whatever certificate is shown: it is judged afterwards, and nothing is said on the connection. */
function handshake(
  socket: Socket,
  host: string,
  identity: Identity | undefined,
): Promise<TLSSocket | Error | undefined> {
  return new Promise((resolve) => {
    const peer = connectTls({
      socket,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      servername: isIP(host) === 0 ? host : '',
      ...(identity === undefined
        ? {}
        : { key: identity.privateKeyPem(), cert: identity.certificatePem, ca: [...identity.anchorsPem] }),
    });
    const timer = setTimeout(() => {
      peer.destroy();
      resolve(undefined);
    }, TLS_LIMIT_MS);
    const done = (result: TLSSocket | Error): void => {
      clearTimeout(timer);
      resolve(result);
    };
    peer.once('secureConnect', () => done(peer));
    peer.on('error', done);
    peer.once('close', () => done(new Error('closed in the handshake')));
  });
}

/** Something that is no broker answers in HTTP: the link's own way of connecting knows it by its first line. */
async function portal(
  far: { host: string; port: number | undefined },
  host: string,
): Promise<{ code: ErrorCode; detail: string } | undefined> {
  const { port } = far;
  if (port === undefined) return undefined;
  const tls = { host: far.host, port, servername: host, rejectUnauthorized: false };
  const sessions = new TlsSessions(systemClock);
  try {
    const signal = AbortSignal.timeout(PORTAL_LIMIT_MS);
    (await dial({ tls, route: {}, sessions, meter: () => undefined }, signal)).stream.destroy();
    return undefined;
  } catch (error) {
    const isPortal = codeOf(error) === 'E_LINK_PORTAL';
    return isPortal
      ? { code: 'E_LINK_PORTAL', detail: messageOf(error).replace(/^E_[A-Z_]+: /, '') }
      : undefined;
  }
}

function unsecured(
  error: (Error & { code?: string }) | undefined,
  host: string,
): { code: ErrorCode; detail: string } {
  if (error === undefined)
    return { code: 'E_LINK_SLOW', detail: `${host}: no handshake within ${TLS_LIMIT_MS / 1000} s` };
  const reason = error.code ?? error.message;
  return { code: /ALERT/.test(reason) ? 'E_DEVICE_REFUSED' : 'E_LINK_TLS', detail: `${host}: ${reason}` };
}

const FOREIGN = /SELF_SIGNED|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|ISSUER/;

function faultOf(
  peer: TLSSocket,
  host: string,
  identity: Identity | undefined,
  nowMs: number,
): { code: ErrorCode; detail: string } | undefined {
  const own = peer.getPeerCertificate(true);
  const detail = `${nameOf(own.subject)} (${nameOf(own.issuer)})`;
  // OpenSSL names one fault of several; an end that has passed is told apart from a stranger by the dates.
  if (Date.parse(own.valid_to) < nowMs) return { code: 'E_SERVER_EXPIRED', detail };
  if (Date.parse(own.valid_from) > nowMs)
    return { code: 'E_CLOCK_WRONG', detail: `${detail} ${own.valid_from}` };
  const reason = String(peer.authorizationError ?? '');
  if (identity !== undefined && FOREIGN.test(reason)) return { code: 'E_SERVER_FOREIGN', detail };
  if (checkServerIdentity(host, own) !== undefined)
    return { code: 'E_SERVER_NAME', detail: `${host} ≠ ${detail}` };
  return identity === undefined || reason === '' ? undefined : { code: 'E_LINK_TLS', detail: reason };
}

function chainOf(peer: TLSSocket): ShownCertificate[] {
  const shown: ShownCertificate[] = [];
  let one: DetailedPeerCertificate | undefined = peer.getPeerCertificate(true);
  while (one?.raw !== undefined && shown.length < CHAIN_LIMIT) {
    shown.push({
      subject: nameOf(one.subject),
      issuer: nameOf(one.issuer),
      notAfter: new Date(one.valid_to).toISOString(),
      sha256: one.fingerprint256.replaceAll(':', '').toLowerCase(),
    });
    // A root is its own issuer.
    one = one.issuerCertificate === one ? undefined : one.issuerCertificate;
  }
  return shown;
}

function nameOf(name: { CN?: string | string[]; O?: string | string[] } | undefined): string {
  const [first] = [name?.CN ?? name?.O ?? '?'].flat();
  return (first ?? '?').slice(0, 60);
}
