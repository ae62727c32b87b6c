import { broken, ok, UNKNOWN, weak, type Check, type Verdict } from './check.js';
import type { Facts, Step } from './facts.js';

/** Below this a call drops (RSRP-like figure of modems in dBm). */
const SIGNAL_LEAST_DBM = -113;
const SIGNAL_LOW_DBM = -105;
/** A live stream of 64 kbit/s with as much again for the rest. */
const SLOW_KBIT_S = 128;
/** From TCP's first packet to the end of the TLS handshake. */
const SLOW_HANDSHAKE_MS = 3_000;

function running({ program }: Facts) {
  return program?.kind === 'running' ? program : undefined;
}

/** The program is connected now: whatever a probe of its own could not do, the way is open. */
function isUp(facts: Facts): boolean {
  return running(facts)?.status?.link.kind === 'up';
}

/** A step of the way to the broker. */
function step(facts: Facts, of: Step | undefined): Verdict {
  if (of?.kind === 'failed') return isUp(facts) ? weak(of.code, of.detail) : broken(of.code, of.detail);
  if (of === undefined) return isUp(facts) ? ok() : UNKNOWN;
  return ok(of.tookMs === undefined ? of.detail : `${of.detail}, ${of.tookMs} ms`);
}

/** From the port to the broker's subscriptions, beat and files. */
export const NETWORK_CHECKS: readonly Check[] = [
  {
    id: 'sim',
    title: { vi: 'SIM', en: 'SIM' },
    facts: ['hardware', 'program'],
    judge(facts) {
      const modem = facts.hardware?.modem;
      // Connected by a cable, say: then it is to be mended, and nothing hangs on it.
      const bad = isUp(facts) ? weak : broken;
      if (modem?.gone === true) return bad('E_MODEM_GONE');
      if (modem?.sim === 'absent') return bad('E_SIM_ABSENT');
      if (modem?.sim === 'locked') return bad('E_SIM_LOCKED');
      return modem?.sim === undefined ? UNKNOWN : ok(modem.operator);
    },
  },
  {
    id: 'signal',
    title: { vi: 'Sóng di động', en: 'Signal' },
    facts: ['hardware', 'program'],
    needs: ['sim'],
    judge(facts) {
      const modem = facts.hardware?.modem;
      const bad = isUp(facts) ? weak : broken;
      if (modem?.registered === undefined && modem?.signalDbm === undefined) return UNKNOWN;
      const { signalDbm, registered, attached, apn } = modem;
      const detail = signalDbm === undefined ? undefined : `${signalDbm} dBm`;
      if (signalDbm !== undefined && signalDbm < SIGNAL_LEAST_DBM) return bad('E_MODEM_SIGNAL', detail);
      if (registered === false) return bad('E_MODEM_REGISTER', detail);
      if (attached === false) return bad('E_MODEM_APN', apn === undefined ? detail : `APN ${apn}`);
      if (signalDbm !== undefined && signalDbm < SIGNAL_LOW_DBM) return weak('E_MODEM_SIGNAL', detail);
      return ok(detail);
    },
  },
  {
    id: 'port',
    title: { vi: 'Cổng mạng', en: 'Network port' },
    facts: ['network', 'program'],
    needs: ['sim', 'signal'],
    judge(facts) {
      const { network } = facts;
      if (network === undefined) return UNKNOWN;
      const up = network.ports.filter((port) => port.up).map(({ name }) => name);
      if (up.length === 0 && !network.local && !isUp(facts)) return broken('E_NETWORK_DOWN');
      return ok(up.join(', '));
    },
  },
  {
    id: 'address',
    title: { vi: 'Địa chỉ IP', en: 'IP address' },
    facts: ['network', 'program'],
    needs: ['port'],
    judge(facts) {
      const { network } = facts;
      if (network === undefined) return UNKNOWN;
      const addresses = network.ports.flatMap((port) => port.addresses);
      if (network.local || isUp(facts)) return ok(addresses[0]);
      if (addresses.length === 0) return broken('E_NETWORK_ADDRESS');
      return network.route === false ? broken('E_NETWORK_ROUTE', addresses[0]) : ok(addresses[0]);
    },
  },
  {
    id: 'dns',
    title: { vi: 'Tên miền (DNS)', en: 'Name (DNS)' },
    facts: ['broker', 'program'],
    needs: ['port', 'address'],
    judge: (facts) => step(facts, facts.broker?.dns),
  },
  {
    id: 'tcp',
    title: { vi: 'Cổng máy chủ', en: 'Server port' },
    facts: ['broker', 'program'],
    needs: ['dns'],
    judge: (facts) => step(facts, facts.broker?.tcp),
  },
  {
    id: 'tls',
    title: { vi: 'TLS', en: 'TLS' },
    facts: ['broker', 'program'],
    needs: ['tcp'],
    judge(facts) {
      const { broker } = facts;
      const verdict = step(facts, broker?.tls);
      const tookMs = (broker?.tcp?.tookMs ?? 0) + (broker?.tls?.tookMs ?? 0);
      return verdict.kind === 'ok' && tookMs > SLOW_HANDSHAKE_MS
        ? weak('E_LINK_SLOW', `${tookMs} ms`)
        : verdict;
    },
  },
  {
    id: 'login',
    title: { vi: 'Đăng nhập MQTT', en: 'MQTT login' },
    facts: ['broker', 'program'],
    needs: ['certificate', 'tls'],
    judge(facts) {
      const { broker } = facts;
      const told = running(facts)?.status?.link;
      if (told?.kind === 'up') return ok(`MQTT ${told.mqttVersion === 4 ? '3.1.1' : '5'}`);
      return step(facts, broker?.login);
    },
  },
  {
    id: 'rights',
    title: { vi: 'Quyền nghe', en: 'Subscriptions' },
    facts: ['broker', 'program'],
    needs: ['login'],
    judge(facts) {
      const told = running(facts)?.status?.link;
      const asked = facts.broker?.refusedTopics;
      if (told?.refusedTopics === undefined && asked === undefined) return UNKNOWN;
      const refused = [...(told?.refusedTopics ?? []), ...(asked ?? [])];
      return refused.length > 0 ? broken('E_LINK_RIGHTS', refused.slice(0, 2).join(' ')) : ok();
    },
  },
  {
    id: 'beat',
    title: { vi: 'Nhịp của tỉnh', en: "Province's beat" },
    facts: ['program'],
    needs: ['program', 'rights'],
    judge(facts) {
      const path = running(facts)?.why?.path;
      if (path === undefined) return UNKNOWN;
      const detail = `${Math.floor(path.beatAgeMs / 60_000)} min`;
      return path.beatMissing ? broken('E_BEAT_MISSING', detail) : ok(detail);
    },
  },
  {
    id: 'fetch',
    title: { vi: 'Tải tệp', en: 'Fetching' },
    facts: ['fetch'],
    needs: ['dns', 'tcp'],
    judge(facts) {
      const trial = facts.fetch;
      if (trial === undefined) return UNKNOWN;
      const { step: made, kbitS } = trial;
      if (made.kind === 'failed') return weak(made.code, made.detail);
      if (kbitS === undefined) return ok(made.detail);
      return kbitS < SLOW_KBIT_S ? weak('E_LINK_SLOW', `${kbitS} kbit/s`) : ok(`${kbitS} kbit/s`);
    },
  },
];
