import { createHook } from 'node:async_hooks';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { withoutCapture } from '../../test/faults/idle-traffic.js';
import { dayWithoutNetwork } from '../../test/health/day-without-network.js';
import { coldStartInHeat, flap, injectFaults } from '../../test/health/injected-faults.js';
import { quietDay, readingCost } from '../../test/health/quiet-day.js';
import {
  heldEmergency,
  standstills,
  WATCHDOG_MS,
  WITHIN_MS,
  withoutBroker,
} from '../../test/health/standstills.js';
import { telemetryWire } from '../../test/health/telemetry-wire.js';
import type { State } from '../../protocols/messages/up.js';
import type { Claim, ProveContext } from './claim.js';

/** An empty folder of a measurement's own, within `prove-out/`. */
async function place(context: ProveContext, name: string): Promise<string> {
  const folder = join(context.out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

const FAKED =
  'real sensors, facts and alarms on a tree of files as the kernel has them, in virtual time; open and short by the amplifier’s own sequence, the slowest that a board may describe, tried again all the time; the modem by its watch';
/** Those that the issue names, by what they are called in the list. */
const NAMED_FAULTS = [
  ...[
    'line open',
    'line short',
    'amplifier hot',
    'cpu hot',
    'start in heat',
    'supply sags',
    'card gone',
    'modem dead',
  ],
  ...['mains lost: the supply sags, the fan stops, modem and card fall off', 'disk read-only, with errors'],
  ...['disk errors', 'disk worn', 'fan stands still', 'door open'],
] as const;

const faults: Claim = {
  area: 'hardware',
  item: 2,
  claim:
    'Each fault that is injected (open, short, hot, start in heat, under-voltage, mains lost, battery, card gone, modem dead, SIM, disk, fan, door, memory) is the right alarm, once, cleared once, and what depends on it is silent.',
  bound: 'exactly one alarm and one clearing of the right code for each, nothing else',
  async measure(context) {
    const base = await place(context, 'health-faults');
    const folder = async (name: string): Promise<string> => {
      await mkdir(join(base, name));
      return join(base, name);
    };
    const found = [...(await injectFaults(folder)), await coldStartInHeat(await folder('heat'))];
    const wrong = found.filter(({ right }) => !right);
    const absent = NAMED_FAULTS.filter((name) => !found.some((one) => one.name === name));
    return {
      measured: `${found.length - wrong.length} of ${found.length} right${absent.length === 0 ? '' : `; absent: ${absent.join(', ')}`}${wrong.map(({ name, told }) => `; ${name}: ${told.join(' ')}`).join('')}`,
      holds: absent.length + wrong.length === 0,
      note: FAKED,
    };
  },
};

const MOST_AN_HOUR = 7;

const flapping: Claim = {
  area: 'hardware',
  item: 2,
  claim: 'The same faults come and go for three hours, every 20 s, 3 and 7 minutes: they do not flood.',
  bound: `at most three alarms of one code within any hour, ${MOST_AN_HOUR} messages with their clearings; each is told at all`,
  async measure(context) {
    const base = await place(context, 'health-flapping');
    const folder = async (name: string): Promise<string> => {
      await mkdir(join(base, name));
      return join(base, name);
    };
    const found = await flap(folder, [20_000, 180_000, 420_000]);
    const most = found.reduce((one, other) => (other.mostAnHour > one.mostAnHour ? other : one));
    const changes = found.reduce((sum, one) => sum + one.changes, 0);
    const events = found.reduce((sum, one) => sum + one.events, 0);
    return {
      measured: `${changes} changes of ${found.length} faults told as ${events} events; at most ${most.mostAnHour} within an hour (${most.name})`,
      holds: found.every(({ mostAnHour, events: told }) => mostAnHour <= MOST_AN_HOUR && told > 0),
      note: FAKED,
    };
  },
};

const resets: Claim = {
  area: 'hardware',
  item: 3,
  claim:
    'The main loop, the sound thread and the outbox of a running receiver stand still, one after the other: each time it is reset, and the next run says why.',
  bound: `food withheld until systemd's time (${WATCHDOG_MS / 1000} s here) has run out, within ${WITHIN_MS / 1000} s; the next start's reason is the watchdog and names the part`,
  async measure(context) {
    const missing = withoutMosquitto();
    if (missing !== false) throw new Error(missing);
    const found = await standstills(await place(context, 'standstills'), (line) => context.progress(line));
    return {
      measured: found
        .map(
          ({ part, resetMs, start }) =>
            `${part}: ${resetMs === undefined ? 'never' : `after ${(resetMs / 1000).toFixed(1)} s`}, then ${start.reason}${start.part === undefined ? '' : ` (${start.part})`}, ${start.resets} resets`,
        )
        .join('; '),
      holds: found.every(
        ({ part, resetMs, start }) =>
          resetMs !== undefined && start.reason === 'watchdog' && start.part === part,
      ),
      note: 'the real program; a module loaded before it makes the part stand still; a systemd-notify of the test stands for systemd and the test for its SIGKILL; a standstill counts after 6 s here, 120 s by default',
    };
  },
};

const held: Claim = {
  area: 'hardware',
  item: 3,
  claim:
    'The main loop stands still while an emergency sounds: it is not reset before the sound is over, and then it is.',
  bound: 'no reset within 20 s of sound that would follow; reset afterwards',
  async measure(context) {
    const missing = withoutMosquitto();
    if (missing !== false) throw new Error(missing);
    const { resetMs } = await heldEmergency(await place(context, 'held-emergency'));
    return {
      measured:
        resetMs === undefined ? 'never reset' : `reset ${(resetMs / 1000).toFixed(1)} s after the standstill`,
      holds: resetMs !== undefined && resetMs >= 20_000,
      note: 'a text that is spoken for more than half a minute; without the sound the reset comes after 6 s',
    };
  },
};

const ALONE_MS = 60_000;

const alone: Claim = {
  area: 'hardware',
  item: 3,
  claim:
    'A network outage of a day, with an hour in which the disk refuses every write, never withholds the food; a write that never ends does.',
  bound:
    '0 of 86,400 looks; deadlock seen within 300 s; the real program without a broker for a minute is fed throughout',
  async measure(context) {
    const missing = withoutMosquitto();
    if (missing !== false) throw new Error(missing);
    const { looks, withheld, deadlockSeenS } = await dayWithoutNetwork();
    context.progress('a minute without a broker');
    const { meals, starvedMs } = await withoutBroker(await place(context, 'alone'), ALONE_MS);
    return {
      measured: `${withheld} of ${looks} looks withheld; deadlock seen after ${deadlockSeenS ?? '∞'} s; ${meals} meals in ${ALONE_MS / 1000} s without a broker, ${starvedMs === undefined ? 'never starved' : 'starved'}`,
      holds:
        looks >= 86_400 &&
        withheld === 0 &&
        deadlockSeenS !== undefined &&
        deadlockSeenS <= 300 &&
        starvedMs === undefined &&
        meals >= ALONE_MS / WATCHDOG_MS,
      note: 'the day is virtual: the real gate and outbox, a store in memory; the minute is real',
    };
  },
};

const BIRTH_BYTES = 3_000;
const DAY_BYTES = 60_000;

/** A birth that has all that there may be: a long version, six areas, a start by the watchdog. */
const LONG_BIRTH: State['body'] = {
  ...{ online: true, version: '10.20.30-rc.4', startedAt: '2026-11-23T03:00:00.000Z' },
  ...{ trustVersion: 120, assignmentRevision: 45, mqttVersion: 5, nonce: 'n'.repeat(22) },
  areas: ['vinh-long', 'tra-vinh-cu', 'cang-long', 'tan-an-xa', 'ap-tan-tien', 'to-dan-pho-12'],
  start: { reason: 'watchdog', part: 'outbox', resets: 14 },
  safeMode: 'crashes',
};

const wire: Claim = {
  area: 'hardware',
  item: 4,
  claim:
    'With every sensor there is, a birth with all the readings that follow it is small, and so is what a quiet day changes.',
  bound: `a full birth ≤ ${BIRTH_BYTES / 1000} kB and a day's changes ≤ ${DAY_BYTES / 1000} kB of IP bytes on the wire, acknowledgements included`,
  async measure(context) {
    const missing = withoutCapture();
    if (missing !== false) throw new Error(missing);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { whole, changes } = await quietDay(seed);
    const birth = await telemetryWire(await place(context, 'wire-birth'), [whole], LONG_BIRTH);
    const day = await telemetryWire(await place(context, 'wire-day'), changes);
    return {
      measured: `birth ${birth.ipBytes} B (${birth.longestBytes} B of JSON); day ${day.messages} messages, ${(day.ipBytes / 1000).toFixed(1)} kB; seed ${seed}`,
      holds: birth.ipBytes > 0 && day.ipBytes > 0 && birth.ipBytes <= BIRTH_BYTES && day.ipBytes <= DAY_BYTES,
      note: 'the day is virtual (temperatures follow the sun, signal and load waver), its messages are real: MQTT 5 over TLS 1.3 to mosquitto; pings and beats are the link’s claim',
    };
  },
};

const CPU_MS = 5;

const cost: Claim = {
  area: 'hardware',
  item: 4,
  claim: 'A reading of every sensor takes little of the processor and no child process.',
  bound: `≤ ${CPU_MS} ms of CPU of the whole process for one; no child process`,
  async measure(context) {
    let begun = 0;
    const hook = createHook({
      init: (_, type) => {
        if (type === 'PROCESSWRAP') begun += 1;
      },
    }).enable();
    try {
      const { cpuMs, children, readings } = await readingCost(
        await place(context, 'reading'),
        500,
        () => begun,
      );
      return {
        measured: `${cpuMs.toFixed(2)} ms each over ${readings} readings, ${children} child processes`,
        holds: cpuMs <= CPU_MS && children === 0,
        note: 'this machine’s processor: a small ARM board is some five to ten times slower; a bus that is slow costs waiting, not CPU',
      };
    } finally {
      hook.disable();
    }
  },
};

/** Items 2 to 4 of area hardware: alarms, watchdog, telemetry. */
export const healthClaims: readonly Claim[] = [faults, flapping, resets, held, alone, wire, cost];
