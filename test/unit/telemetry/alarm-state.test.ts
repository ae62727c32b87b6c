import t from 'tap';
import { ALARM_RULES, type AlarmRule } from '../../../agent/telemetry/alarm-rules.js';
import {
  alarmsInForce,
  alarmStep,
  alarmsToKeep,
  HOUR_MS,
  NO_ALARMS,
  RAISES_AN_HOUR,
  revivedAlarms,
  type AlarmState,
  type Fact,
} from '../../../agent/telemetry/alarm-state.js';
import { Random } from '../../security/random.js';

const MAINS: AlarmRule = {
  ...{ code: 'E_MAINS_LOST', severity: 'major', dependsOn: [] },
  ...{ raiseAfterMs: 1_000, clearAfterMs: 30_000 },
};
const FAN: AlarmRule = {
  ...{ code: 'E_FAN', severity: 'minor', dependsOn: ['E_MAINS_LOST'] },
  ...{ raiseAfterMs: 5_000, clearAfterMs: 5_000 },
};
const RULES = [MAINS, FAN];

const fact = (code: string, is: Fact['is']): Fact => ({ code, is, detail: `${code} ${is}` });

/** A line of time: what is told, `+CODE` and `-CODE`, with the second in which it was. */
class Line {
  state: AlarmState;
  nowMs = 0;
  readonly told: string[] = [];
  #nextMs: number | undefined;

  constructor(
    readonly rules: readonly AlarmRule[] = RULES,
    state: AlarmState = NO_ALARMS,
  ) {
    this.state = state;
    this.see();
  }

  see(...facts: Fact[]): void {
    const { state, effects, nextMs } = alarmStep(this.rules, this.state, facts, this.nowMs);
    this.state = state;
    this.#nextMs = nextMs;
    for (const { kind, code } of effects)
      this.told.push(`${kind === 'alarm' ? '+' : '-'}${code} ${this.nowMs / 1_000}`);
  }

  /** Lets time pass; the core is called when it asked to be, and not otherwise. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.#nextMs !== undefined && this.#nextMs <= endMs) {
      this.nowMs = this.#nextMs;
      this.see();
    }
    this.nowMs = endMs;
  }
}

t.test('an alarm is told once when it has lasted, and cleared once when it has been gone', async (t) => {
  const line = new Line();
  line.see(fact('E_MAINS_LOST', 'on'));
  line.pass(999);
  t.same(line.told, []);
  line.pass(60_000);
  line.see(fact('E_MAINS_LOST', 'on'));
  t.same(line.told, ['+E_MAINS_LOST 1']);
  line.see(fact('E_MAINS_LOST', 'off'));
  line.pass(60_000);
  line.see(fact('E_MAINS_LOST', 'off'));
  line.pass(HOUR_MS);
  t.same(line.told, ['+E_MAINS_LOST 1', '-E_MAINS_LOST 90.999']);
});

t.test('what is there for less than its delay is not told', async (t) => {
  const line = new Line();
  line.see(fact('E_FAN', 'on'));
  line.pass(4_000);
  line.see(fact('E_FAN', 'off'));
  line.pass(HOUR_MS);
  t.same(line.told, []);
  t.same(alarmsInForce(RULES, line.state, line.nowMs), []);
});

t.test(
  'what depends on an alarm is silent while that is there, and told when it is still there afterwards',
  async (t) => {
    const line = new Line();
    line.see(fact('E_FAN', 'on'), fact('E_MAINS_LOST', 'on'));
    line.pass(10 * HOUR_MS);
    t.same(line.told, ['+E_MAINS_LOST 1']);
    t.same(
      alarmsInForce(RULES, line.state, line.nowMs).map(({ code, kind }) => [code, kind]),
      [
        ['E_MAINS_LOST', 'told'],
        ['E_FAN', 'silent'],
      ],
    );
    line.see(fact('E_MAINS_LOST', 'off'));
    line.pass(30_000);
    t.match(line.told.at(-1), /^-E_MAINS_LOST/);
    line.pass(4_999);
    t.equal(line.told.length, 2, 'its delay counts from the end of the silence');
    line.pass(1);
    t.match(line.told.at(-1), /^\+E_FAN/);
  },
);

t.test('a dependent that ends together with its cause is never told', async (t) => {
  const line = new Line();
  line.see(fact('E_MAINS_LOST', 'on'), fact('E_FAN', 'on'));
  line.pass(60_000);
  line.see(fact('E_MAINS_LOST', 'off'));
  line.pass(3_000);
  line.see(fact('E_FAN', 'off'));
  line.pass(HOUR_MS);
  t.same(
    line.told.map((one) => one.split(' ')[0]),
    ['+E_MAINS_LOST', '-E_MAINS_LOST'],
  );
});

t.test('between its two limits an alarm is as it was', async (t) => {
  const line = new Line();
  line.see(fact('E_FAN', 'between'));
  line.pass(HOUR_MS);
  t.same(line.told, []);
  line.see(fact('E_FAN', 'on'));
  line.pass(5_000);
  line.see(fact('E_FAN', 'between'));
  line.pass(HOUR_MS);
  t.equal(line.told.length, 1, 'it is still there');
  line.see(fact('E_FAN', 'off'));
  line.pass(2_000);
  line.see(fact('E_FAN', 'between'));
  line.pass(3_000);
  t.equal(line.told.length, 2, 'and is still gone');
});

t.test('an input that flaps is told three times an hour at most, for any rhythm', async (t) => {
  const seed = Date.now() % 2 ** 31;
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let run = 0; run < 200; run += 1) {
    const line = new Line([MAINS]);
    const longestMs = 10 ** (2 + (random.next() / 2 ** 32) * 4);
    for (let n = 0, on = true; n < 300; n += 1, on = !on) {
      line.see(fact('E_MAINS_LOST', on ? 'on' : 'off'));
      line.pass(Math.ceil((random.next() / 2 ** 32) * longestMs));
    }
    const raised = line.told
      .filter((one) => one.startsWith('+'))
      .map((one) => Number(one.split(' ')[1]) * 1_000);
    const crowd = raised.filter((atMs, i) => {
      const fourth = raised[i + RAISES_AN_HOUR];
      return fourth !== undefined && fourth - atMs < HOUR_MS;
    });
    t.same(crowd, [], `run ${run}`);
    for (const [i, one] of line.told.entries())
      t.equal(one.startsWith('+'), i % 2 === 0, 'raised and cleared take turns');
  }
});

t.test('one that came three times within the hour is cleared after an hour of quiet', async (t) => {
  const line = new Line([MAINS]);
  for (let n = 0; n < 5; n += 1) {
    line.see(fact('E_MAINS_LOST', 'on'));
    line.pass(2_000);
    line.see(fact('E_MAINS_LOST', 'off'));
    line.pass(40_000);
  }
  t.equal(line.told.length, 5, 'three raised, two cleared');
  line.pass(HOUR_MS - 41_000);
  t.equal(line.told.length, 5);
  line.pass(1_000);
  t.match(line.told.at(-1), /^-/);
});

t.test('an unstable cause silences its dependents no longer than a steady one', async (t) => {
  const line = new Line();
  for (let n = 0; n < 3; n += 1) {
    line.see(fact('E_MAINS_LOST', 'on'));
    line.pass(2_000);
    line.see(fact('E_MAINS_LOST', 'off'));
    line.pass(31_000);
  }
  line.see(fact('E_FAN', 'on'));
  line.pass(5_000);
  t.match(line.told.at(-1), /^\+E_FAN/);
});

t.test(
  'kept over a restart: one that is gone by then is told, one that is there is not told again',
  async (t) => {
    const before = new Line();
    before.see(fact('E_MAINS_LOST', 'on'), fact('E_FAN', 'off'));
    before.pass(5_000);
    const kept = alarmsToKeep(before.state);
    t.match(kept, [{ code: 'E_MAINS_LOST', raised: 1 }]);
    const gone = new Line(RULES, revivedAlarms(kept, 0));
    gone.see(fact('E_MAINS_LOST', 'off'));
    gone.pass(60_000);
    t.same(gone.told, ['-E_MAINS_LOST 30']);
    const there = new Line(RULES, revivedAlarms(kept, 0));
    there.see(fact('E_MAINS_LOST', 'on'));
    there.pass(HOUR_MS);
    t.same(there.told, []);
  },
);

t.test(
  'kept over a restart and watched by nobody any more, it is cleared after a quarter of an hour',
  async (t) => {
    const kept = [{ code: 'E_FAN', detail: 'x', raised: 1 }];
    const line = new Line(RULES, revivedAlarms(kept, 0));
    line.pass(900_000);
    t.same(line.told, ['-E_FAN 900']);
  },
);

t.test('a fact that no rule knows is passed over', async (t) => {
  const line = new Line();
  line.see(fact('E_NOTHING', 'on'));
  line.pass(HOUR_MS);
  t.same(line.told, []);
  t.equal(line.state.watched.size, 0);
});

t.test('in the table of rules each alarm stands once, and after those that it depends on', async (t) => {
  const codes = ALARM_RULES.map(({ code }) => code);
  t.equal(new Set(codes).size, codes.length);
  for (const { code, dependsOn } of ALARM_RULES)
    for (const parent of dependsOn)
      t.ok(codes.includes(parent) && codes.indexOf(parent) < codes.indexOf(code), `${code} after ${parent}`);
});
