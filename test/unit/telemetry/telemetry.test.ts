import t from 'tap';
import {
  TelemetryLoop,
  type ProgramReading,
  type TelemetryParts,
} from '../../../agent/telemetry/telemetry.js';
import { telemetry, type Telemetry } from '../../../protocols/messages/up.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const MINUTE = 60_000;

interface Rig {
  readonly loop: TelemetryLoop;
  readonly clock: ManualClock;
  readonly log: KeptLog;
  readonly sent: Telemetry['body'][];
  readonly kept: boolean[];
  readonly program: { -readonly [K in keyof ProgramReading]: ProgramReading[K] };
  readonly machine: { temperatureC: number; load1: number };
  /** Whether the link is up. */
  readonly link: { up: boolean };
  /** Lets so many minutes pass, one by one. */
  readonly minutes: (count: number) => Promise<void>;
}

function rigOf(parts: Partial<TelemetryParts> = {}): Rig {
  const clock = new ManualClock();
  const log = new KeptLog();
  const sent: Telemetry['body'][] = [];
  const kept: boolean[] = [];
  const link = { up: true };
  const machine = { temperatureC: 40, load1: 1 };
  const program: Rig['program'] = {
    processUptimeS: 1,
    onAir: undefined,
    levelDb: undefined,
    secondsOnAirToday: 0,
    sink: { kind: 'null', ok: true, underruns: 0 },
    queued: 0,
    plan: { schedules: 0, sha256: 'a'.repeat(64) },
    certificateDaysLeft: 300,
    beatAgeS: 60,
  };
  const loop = new TelemetryLoop({
    machine: {
      read: async () => ({
        uptimeS: clock.monotonicMs() / 1000,
        ...machine,
        interfaces: [{ name: 'eth0', up: true, receivedBytes: clock.monotonicMs(), sentBytes: 0 }],
      }),
    },
    boardFacts: async () => ({ model: 'board' }),
    program: () => program,
    send: async (body, keep) => {
      sent.push(body);
      kept.push(keep);
      return link.up;
    },
    ...{ clock, log, everyMs: MINUTE, heartbeatMs: 15 * MINUTE, random: () => 0 },
    ...parts,
  });
  const minutes = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      clock.advance(MINUTE);
      await settled();
    }
  };
  return { loop, clock, log, sent, kept, program, machine, link, minutes };
}

/** Born, with everything told. */
async function born(parts: Partial<TelemetryParts> = {}): Promise<Rig> {
  const rig = rigOf(parts);
  rig.loop.start();
  await settled();
  await rig.loop.now();
  rig.sent.length = 0;
  return rig;
}

t.test('a birth tells everything, the board too', async (t) => {
  const { loop, sent } = rigOf();
  loop.start();
  await settled();
  await loop.now();
  t.match(sent, [{ temperatureC: 40, board: { model: 'board' }, sink: { ok: true }, queued: 0 }]);
  t.notOk('full' in (sent[0] ?? {}));
  t.ok(telemetry.shape.body.safeParse(sent[0]).success, 'and fits its schema');
  loop.close();
});

t.test('while nothing leaves its dead band there is a heartbeat and nothing else', async (t) => {
  const { loop, sent, machine, minutes } = await born();
  for (let n = 0; n < 60; n += 1) {
    machine.temperatureC = n % 2 === 0 ? 43.9 : 40;
    await minutes(1);
  }
  t.equal(sent.length, 4, 'in an hour');
  for (const body of sent) t.same(Object.keys(body).sort(), ['full', 'uptimeS']);
  t.ok(telemetry.shape.body.safeParse(sent[0]).success);
  loop.close();
});

t.test('what leaves its dead band is sent at the next look, alone, and counts as told', async (t) => {
  const { loop, sent, machine, minutes } = await born();
  machine.temperatureC = 44;
  await minutes(2);
  t.equal(sent.length, 1);
  t.match(sent[0], { full: false, temperatureC: 44 });
  t.same(Object.keys(sent[0] ?? {}).sort(), ['full', 'temperatureC', 'uptimeS']);
  machine.temperatureC = 47.9;
  await minutes(1);
  t.equal(sent.length, 1, 'measured from what was told');
  machine.temperatureC = 48;
  await minutes(1);
  t.equal(sent.length, 2);
  loop.close();
});

t.test(
  'what follows the work of the machine waits for the next reading, and is then told with it',
  async (t) => {
    const { loop, sent, machine, program, minutes } = await born();
    machine.load1 = 9;
    program.queued = 400;
    await minutes(14);
    t.equal(sent.length, 0);
    await minutes(1);
    t.match(sent, [{ load1: 9, queued: 400 }], 'the heartbeat brings it');
    machine.load1 = 0;
    await minutes(1);
    t.equal(sent.length, 1);
    machine.temperatureC = 60;
    await minutes(1);
    t.match(sent[1], { load1: 0, temperatureC: 60 }, 'so does whatever is told before');
    loop.close();
  },
);

t.test('a heartbeat brings the seconds on air, where they are others, and a reading the level', async (t) => {
  const { loop, sent, program, minutes } = await born();
  program.secondsOnAirToday = 60;
  program.levelDb = -20;
  await minutes(15);
  t.match(sent, [{ secondsOnAirToday: 60, levelDb: -20 }]);
  await minutes(15);
  t.same(Object.keys(sent[1] ?? {}).sort(), ['full', 'uptimeS'], 'absent means as it was');
  loop.close();
});

t.test('another plan in force is told at the next look', async (t) => {
  const { loop, sent, program, minutes } = await born();
  program.plan = { schedules: 1, sha256: 'b'.repeat(64) };
  await minutes(2);
  t.equal(sent.length, 1);
  t.match(sent[0], { full: false, plan: { schedules: 1, sha256: 'b'.repeat(64) } });
  t.ok(telemetry.shape.body.safeParse(sent[0]).success);
  loop.close();
});

t.test('on air and off air are told, and a sink that fails', async (t) => {
  const { loop, sent, program, minutes } = await born();
  const playId = '0192f5a0-0000-7000-8000-000000000001';
  program.onAir = { playId, class: 'normal', title: 'Bản tin', authority: 'tan-hoa' } as never;
  program.levelDb = -20;
  await minutes(1);
  t.match(sent.at(-1), { onAir: { playId, title: 'Bản tin' }, levelDb: -20 });
  program.levelDb = -60;
  await minutes(1);
  t.equal(sent.length, 1, 'the level of speech is not a change');
  program.onAir = undefined;
  program.levelDb = undefined;
  program.sink = { kind: 'null', ok: false, underruns: 3 };
  await minutes(1);
  t.match(sent.at(-1), { onAir: null, sink: { ok: false, underruns: 3 } });
  t.ok(telemetry.shape.body.safeParse(sent.at(-1)).success);
  loop.close();
});

t.test('the first heartbeat comes up to a fifth sooner by chance, a later one up to a minute', async (t) => {
  const { loop, sent, minutes } = await born({ random: () => 0.999 });
  await minutes(11);
  t.equal(sent.length, 0);
  await minutes(2);
  t.equal(sent.length, 1);
  await minutes(13);
  t.equal(sent.length, 1);
  await minutes(2);
  t.equal(sent.length, 2);
  loop.close();
});

t.test(
  'what was not sent is not taken for known; a heartbeat without a link is kept for later',
  async (t) => {
    const { loop, sent, kept, machine, link, minutes } = await born();
    kept.length = 0;
    link.up = false;
    machine.temperatureC = 60;
    await minutes(2);
    t.match(sent, [{ temperatureC: 60 }, { temperatureC: 60 }]);
    t.same(kept, [false, false]);
    await minutes(28);
    t.equal(kept.filter(Boolean).length, 2, 'one in 15 minutes');
    link.up = true;
    await minutes(2);
    t.match(sent.at(-1), { temperatureC: 60 });
    const before = sent.length;
    await minutes(1);
    t.equal(sent.length, before);
    loop.close();
  },
);

t.test('a sensor that fails is logged; the next reading is sent', async (t) => {
  let reads = 0;
  const { loop, sent, log, minutes } = rigOf({
    machine: {
      read: async () => {
        reads += 1;
        if (reads === 1) throw new Error('no such sensor');
        return { uptimeS: reads };
      },
    },
  });
  loop.start();
  await minutes(1);
  t.match(log.lines, [{ level: 'warn', fields: { error: 'no such sensor' } }]);
  await minutes(1);
  t.match(sent, [{ uptimeS: 2 }]);
  loop.close();
});

t.test('a sensor that hangs leaves one waiting reading behind, not one more at every look', async (t) => {
  let reads = 0;
  const { loop, minutes } = rigOf({
    machine: {
      read: () => {
        reads += 1;
        return new Promise(() => undefined);
      },
    },
  });
  loop.start();
  await minutes(10);
  t.equal(reads, 1);
  loop.close();
});

t.test('a board that cannot be read keeps no reading back', async (t) => {
  const { loop, sent, minutes } = rigOf({ boardFacts: () => Promise.reject(new Error('x')) });
  loop.start();
  await minutes(1);
  t.equal(sent.length, 1);
  loop.close();
});

t.test('closed, it reads no more', async (t) => {
  const { loop, sent, minutes } = rigOf();
  loop.start();
  loop.close();
  await minutes(20);
  t.equal(sent.length, 0);
});
