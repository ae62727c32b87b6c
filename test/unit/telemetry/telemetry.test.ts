import t from 'tap';
import { TelemetryLoop, type TelemetryParts } from '../../../agent/telemetry/telemetry.js';
import { telemetry, type Telemetry } from '../../../protocols/messages/up.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rigOf(parts: Partial<TelemetryParts> = {}): {
  loop: TelemetryLoop;
  clock: ManualClock;
  log: KeptLog;
  sent: Telemetry['body'][];
  wait: (ms: number) => Promise<void>;
} {
  const clock = new ManualClock();
  const log = new KeptLog();
  const sent: Telemetry['body'][] = [];
  const loop = new TelemetryLoop({
    machine: { read: async () => ({ uptimeS: 7 }) },
    boardFacts: async () => ({ model: 'board' }),
    program: () => ({
      processUptimeS: 1,
      onAir: undefined,
      levelDb: undefined,
      secondsOnAirToday: 0,
      sink: { kind: 'null', ok: true, underruns: 0 },
      queued: 0,
      certificateDaysLeft: 9,
    }),
    send: async (body) => void sent.push(body),
    clock,
    log,
    everyMs: 60_000,
    ...parts,
  });
  const wait = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled();
  };
  return { loop, clock, log, sent, wait };
}

t.test('a reading is sent at every interval, the first one after the first interval', async (t) => {
  const { loop, sent, wait } = rigOf();
  loop.start();
  await wait(59_999);
  t.equal(sent.length, 0);
  for (const n of [1, 2, 3]) {
    await wait(n === 1 ? 1 : 60_000);
    t.equal(sent.length, n);
  }
  t.ok(telemetry.shape.body.safeParse(sent[0]).success, 'and fits its schema');
});

t.test('a sensor that fails, and a send that fails, are logged; the next reading is sent', async (t) => {
  let reads = 0;
  const { loop, sent, log, wait } = rigOf({
    machine: {
      read: async () => {
        reads += 1;
        if (reads === 1) throw new Error('no such sensor');
        return { uptimeS: reads };
      },
    },
  });
  loop.start();
  await wait(60_000);
  t.match(log.lines, [{ level: 'warn', fields: { error: 'no such sensor' } }]);
  await wait(60_000);
  t.match(sent, [{ uptimeS: 2 }]);
});

t.test('a sensor that hangs leaves one waiting reading behind, not one more at every interval', async (t) => {
  let reads = 0;
  const { loop, wait } = rigOf({
    machine: {
      read: () => {
        reads += 1;
        return new Promise(() => undefined);
      },
    },
  });
  loop.start();
  for (let i = 0; i < 10; i += 1) await wait(60_000);
  t.equal(reads, 1);
});

t.test('the board goes with the first reading that is really sent, and only with that', async (t) => {
  let fails = true;
  const bodies: Telemetry['body'][] = [];
  const { loop, wait } = rigOf({
    send: async (body) => {
      if (fails) throw new Error('offline');
      bodies.push(body);
    },
  });
  loop.start();
  await wait(60_000);
  fails = false;
  await wait(60_000);
  await wait(60_000);
  t.same(
    bodies.map(({ board }) => board),
    [{ model: 'board' }, undefined],
  );
});

t.test('a board that cannot be read keeps no reading back', async (t) => {
  const { loop, sent, wait } = rigOf({ boardFacts: () => Promise.reject(new Error('x')) });
  loop.start();
  await wait(60_000);
  t.equal(sent.length, 1);
});

t.test('closed, it reads no more', async (t) => {
  const { loop, sent, wait } = rigOf();
  loop.start();
  loop.close();
  await wait(600_000);
  t.equal(sent.length, 0);
});
