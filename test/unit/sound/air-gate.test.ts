import t from 'tap';
import {
  gateChangesAfter,
  gateVerdict,
  NOTHING_TALLIED,
  tallied,
  type GateRules,
} from '../../../agent/sound/air-gate.js';

const HOUR_MS = 3_600_000;
const rules: GateRules = {
  hours: {
    normal: [
      { fromMs: 5 * HOUR_MS, toMs: 7 * HOUR_MS },
      { fromMs: 17 * HOUR_MS, toMs: 18 * HOUR_MS },
    ],
    priority: [{ fromMs: 5 * HOUR_MS, toMs: 22 * HOUR_MS }],
  },
  longestADayMs: { normal: 60_000, priority: Infinity },
};

function at(time: string): number {
  return Date.parse(`2026-11-23T${time}+07:00`);
}

t.test('a bulletin is heard from the first millisecond of its hours to the last, UTC+7', async (t) => {
  const verdict = (time: string): string => gateVerdict(rules, NOTHING_TALLIED, 'normal', at(time));
  t.same(
    ['04:59:59.999', '05:00:00.000', '06:59:59.999', '07:00:00.000', '17:30:00.000', '03:15:00.000'].map(
      verdict,
    ),
    ['hours', 'open', 'open', 'hours', 'open', 'hours'],
  );
  t.equal(gateVerdict(rules, NOTHING_TALLIED, 'priority', at('21:59:59.999')), 'open');
});

t.test('an emergency is heard at every hour, whatever was heard before it', async (t) => {
  for (let hour = 0; hour < 24; hour += 1) {
    const nowMs = at('00:00:00') + hour * HOUR_MS;
    t.equal(
      gateVerdict(rules, { day: 20_000, normal: Infinity, priority: Infinity }, 'emergency', nowMs),
      'open',
    );
  }
});

t.test('minutes of a day are used up, and given again on the next day', async (t) => {
  const used = tallied(NOTHING_TALLIED, 'normal', at('05:30:00'), 60_000);
  t.equal(gateVerdict(rules, used, 'normal', at('06:00:00')), 'minutes');
  t.equal(gateVerdict(rules, used, 'priority', at('06:00:00')), 'open', 'a class has its own');
  t.equal(gateVerdict(rules, used, 'normal', at('06:00:00') + 24 * HOUR_MS), 'open');
  t.equal(tallied(used, 'emergency', at('06:00:00'), 1).normal, 60_000, 'an emergency takes no minutes');
});

t.test('a clock that steps back over midnight gives no minutes again', async (t) => {
  const used = tallied(NOTHING_TALLIED, 'normal', at('05:30:00'), 60_000);
  t.equal(gateVerdict(rules, used, 'normal', at('06:00:00') - 24 * HOUR_MS), 'minutes');
  t.equal(tallied(used, 'normal', at('06:00:00') - 24 * HOUR_MS, 1).normal, 60_001);
});

t.test('the next change of the verdict is the next end of a span, or midnight', async (t) => {
  t.equal(gateChangesAfter(rules, 'normal', at('03:15:00')), at('05:00:00'));
  t.equal(gateChangesAfter(rules, 'normal', at('05:00:00')), at('07:00:00'));
  t.equal(gateChangesAfter(rules, 'normal', at('18:00:00')), at('00:00:00') + 24 * HOUR_MS);
});
