import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { blackHole } from '../../test/faults/black-hole.js';
import { herd, type Herd } from '../../test/faults/herd.js';
import { hostileBrokers } from '../../test/faults/hostile-bench.js';
import { idleTraffic, withoutCapture } from '../../test/faults/idle-traffic.js';
import { outboxKills } from '../../test/faults/outbox-kills.js';
import { sixHours, type SixHours } from '../../test/faults/six-hours.js';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { Random } from '../../test/security/random.js';
import type { Claim, Measured, ProveContext } from './claim.js';
import { diskClaims } from './link-disk.js';
import { qemuClaims } from './link-qemu.js';

/** Resident memory that a hostile broker may cost. */
const HOSTILE_MB = 20;

/** An empty folder of a measurement's own, within `prove-out/`. */
async function place(context: ProveContext, name: string): Promise<string> {
  const folder = join(context.out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

function needMosquitto(): void {
  const missing = withoutMosquitto();
  if (missing !== false) throw new Error(missing);
}

function killClaim(kills: number, records: number, long: boolean): Claim {
  return {
    area: 'link',
    item: 1,
    claim: `The receiver is killed ${kills} times at chance moments while it takes up ${records} receipts and security events: each that was accepted arrives at mosquitto, and repeats are known as such.`,
    bound: '0 lost; repeats known by (receiver, boot, sequence); order kept within boot and class',
    long,
    async measure(context): Promise<Measured> {
      needMosquitto();
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = new Random(seed);
      const storeFolder = await mkdtemp(join(await place(context, `outbox-kills-${kills}`), 'store-'));
      const found = await outboxKills({
        ...{ storeFolder, kills, records },
        random: () => random.next() / 2 ** 32,
        progress: (line) => context.progress(line),
      });
      return {
        measured:
          `${found.kills} kills, ${found.accepted} accepted, ${found.arrived} arrived, ${found.lost} lost, ` +
          `${found.repeats} repeats, ${found.outOfOrder} out of order; seed ${seed}`,
        holds: found.kills >= kills && found.accepted >= records && found.lost + found.outOfOrder === 0,
        note: 'SIGKILL of a process with the real store, outbox and link; power cuts are a claim of their own',
      };
    },
  };
}

const hostile: Claim = {
  area: 'link',
  item: 2,
  claim:
    'Led to hostile brokers in turn, the receiver lives through each, stays small, and comes back to the good one.',
  bound: `at least 20 behaviours; the same process; at most ${HOSTILE_MB} MB above its memory before; back each time`,
  async measure(context) {
    needMosquitto();
    const reports = await hostileBrokers(await place(context, 'hostile'), (line) => context.progress(line));
    const died = reports.filter((one) => !one.survived).map(({ name }) => name);
    const most = reports.reduce((one, other) => (other.aboveBaseMb > one.aboveBaseMb ? other : one));
    const slowest = Math.max(...reports.map(({ backMs = Infinity }) => backMs));
    return {
      measured:
        `${reports.length} behaviours, ${died.length} not survived${died.length > 0 ? `: ${died.join(', ')}` : ''}; ` +
        `most memory +${most.aboveBaseMb.toFixed(1)} MB (${most.name}); back after ${slowest} ms at the latest`,
      holds: reports.length >= 20 && died.length === 0 && most.aboveBaseMb <= HOSTILE_MB,
    };
  },
};

function outageClaim(flood: number, what: string, judge: (found: SixHours) => boolean): Claim {
  return {
    area: 'link',
    item: 3,
    claim: `Six hours without a broker${what}: everything kept is delivered afterwards, in order within a class, and the outbox keeps to its bound.`,
    bound: 'no receipt or security event lost; order kept; at most 16 MiB; what was dropped is counted',
    async measure() {
      const found = await sixHours(flood);
      const dropped = Object.values(found.dropped).reduce((sum, count) => sum + count, 0);
      return {
        measured:
          `${found.produced} produced, ${found.delivered} delivered, ${dropped} dropped and counted, ` +
          `${found.lostRecords} records lost, ${found.outOfOrder} out of order, ` +
          `${(found.mostBytes / 1_048_576).toFixed(2)} of ${found.limitBytes / 1_048_576} MiB at most`,
        holds:
          found.lostRecords + found.outOfOrder === 0 &&
          found.mostBytes <= found.limitBytes &&
          found.delivered + dropped === found.produced &&
          judge(found),
        note: 'virtual time, a real store, one restart of the program in the middle',
      };
    },
  };
}

const HERD = 2_000;
const HERD_LIMIT_MS = 300_000;

const herdClaim: Claim = {
  area: 'link',
  item: 4,
  claim: `A mosquitto with ${HERD} receivers is killed and comes back: all are back, and fewer attempts fail than with a fixed second between them, on a healthy and on a slow broker.`,
  bound: `all of ${HERD} back within ${HERD_LIMIT_MS / 1000} s with jitter; fewer failures than fixed`,
  long: true,
  async measure(context) {
    needMosquitto();
    const found: Herd[] = [];
    for (const slow of [false, true]) {
      for (const retry of ['jitter', 'fixed'] as const) {
        const plan = { receivers: HERD, retry, slow, limitMs: HERD_LIMIT_MS };
        found.push(
          await herd(plan, (line) => context.progress(`${retry}, ${slow ? 'slow' : 'healthy'}: ${line}`)),
        );
      }
    }
    const failed = (one: Herd): number => Object.values(one.failures).reduce((sum, count) => sum + count, 0);
    const text = (one: Herd): string =>
      `${one.slow ? 'slow' : 'healthy'} ${one.retry}: ${one.back} back` +
      `${one.allMs === undefined ? '' : ` in ${(one.allMs / 1000).toFixed(0)} s`}, ${failed(one)} failures`;
    const pair = (slow: boolean): boolean => {
      const [jitter, fixed] = found.filter((one) => one.slow === slow);
      return jitter?.allMs !== undefined && fixed !== undefined && failed(jitter) < failed(fixed);
    };
    return {
      measured: found.map(text).join('; '),
      holds: pair(false) && pair(true),
      note: 'real links in two processes on the machine of the broker; slow: the broker runs one fifth of the time',
    };
  },
};

const IDLE_MINUTES = 30;
const IDLE_KB = 200;

const idle: Claim = {
  area: 'link',
  item: 5,
  claim:
    'An idle receiver, pings, readings and the signed beats that vouch for every document of its three areas included, stays within its traffic a day.',
  bound: `at a learned keepalive of 240 s at most ${IDLE_KB} kB a day on the wire (IP bytes, both directions)`,
  long: true,
  async measure(context) {
    const missing = withoutCapture();
    if (missing !== false) throw new Error(missing);
    context.progress(`capturing for ${IDLE_MINUTES} minutes`);
    const { receivers, beats, named } = await idleTraffic(await place(context, 'idle'), IDLE_MINUTES);
    const learned = receivers.find(({ keepaliveS }) => keepaliveS === 240);
    return {
      measured: receivers
        .map(
          (one) =>
            `${one.keepaliveS} s: ${one.kbADay.toFixed(0)} kB a day (${one.packets} packets, ledger ` +
            `${one.ledgerBytes} of ${one.ipBytes} B), ${one.writtenMbADay.toFixed(1)} MB a day to the disk`,
        )
        .join('; '),
      holds: learned !== undefined && learned.ipBytes > 0 && learned.kbADay <= IDLE_KB,
      note: `captured for ${IDLE_MINUTES} min with ${beats} beats of all areas, the home area's naming ${named} documents, times ${1_440 / IDLE_MINUTES}`,
    };
  },
};

const hole: Claim = {
  area: 'link',
  item: 6,
  claim:
    'The way to the broker becomes a black hole in mid-play: what is on air goes on, the link knows in time, and the province is told afterwards.',
  bound:
    'no silence over 100 ms; noticed within 1.5 × keepalive; alarm and clearing with the length right within 500 ms',
  async measure(context) {
    needMosquitto();
    const found = await blackHole(await place(context, 'black-hole'));
    return {
      measured:
        `keepalive ${found.keepaliveS} s, noticed after ${(found.noticedMs / 1000).toFixed(1)} s (${found.code}); longest ` +
        `silence ${Math.round(found.longestSilenceMs)} ms, still on air ${found.stillOnAir}; ${found.alarm} cleared by ` +
        `${found.cleared}, told ${found.reportedAwayMs} ms of ${Math.round(found.awayMs)}`,
      holds:
        found.stillOnAir &&
        found.longestSilenceMs <= 100 &&
        // A poll of the status every 50 ms sees it a little later than the receiver.
        found.noticedMs <= found.keepaliveS * 1_500 + 250 &&
        found.alarm === found.cleared &&
        Math.abs(found.reportedAwayMs - found.awayMs) <= 500,
    };
  },
};

/** The must-show list of issue 6: nothing is lost. */
export const linkClaims: readonly Claim[] = [
  killClaim(25, 500, false),
  killClaim(1_000, 20_000, true),
  ...diskClaims,
  ...qemuClaims,
  hostile,
  outageClaim(0, '', ({ delivered, produced }) => delivered === produced),
  outageClaim(
    6_000,
    ' and a flood of 24 MB of alarms',
    ({ dropped }) => dropped.receipt + dropped.security === 0,
  ),
  herdClaim,
  idle,
  hole,
];
