import t from 'tap';
import { clockAtStart, clockState, correctedMs } from '../../../agent/commands/clock-trust.js';
import { scheduleClock } from '../../../agent/programme/clock-confidence.js';

const keptMs = Date.parse('2026-11-23T05:00:00+07:00');

t.test(
  'a clock at 1970 begins nothing, unless the province takes the last time known and the uptime',
  async (t) => {
    const trust = clockAtStart(keptMs, 1_000);
    const now = { systemMs: 60_000, monotonicMs: 601_000 };
    const state = clockState(trust, now);
    t.equal(scheduleClock(state, 'wait'), 'none');
    t.equal(scheduleClock(state, 'last-known'), 'last-known');
    t.equal(correctedMs(trust, now), keptMs + 600_000, 'which is what schedules are judged by');
  },
);

t.test('a clock years ahead begins nothing, whatever the setting', async (t) => {
  const trust = clockAtStart(keptMs, 0);
  const state = clockState(trust, { systemMs: Date.parse('2030-01-01T00:00:00Z'), monotonicMs: 1 });
  t.equal(scheduleClock(state, 'wait'), 'none');
  t.equal(scheduleClock(state, 'last-known'), 'none');
});

t.test('a clock that may be right, or is known to be, is gone by', async (t) => {
  for (const state of ['unconfirmed', 'trusted'] as const) t.equal(scheduleClock(state, 'wait'), 'clock');
});
