import t from 'tap';
import { nLogN, plannerCost } from '../../programme/planner-cost.js';

t.test('a decision over thousands of entries is taken from a plan, not from all of them', async (t) => {
  plannerCost(300);
  const { entries, exceptions, decisions, medianMs, planningMs } = plannerCost(3_000, {
    days: 3,
    decisions: 50,
  });
  t.match({ entries, decisions }, { entries: 3_000, decisions: 150 });
  t.ok(exceptions > 4_000);
  t.ok(medianMs * 5 < planningMs, `${medianMs} ms, planning ${planningMs} ms`);
});

t.test('n log n of a thousand times as many is some 2500 times', async (t) => {
  t.equal(Math.round(nLogN(100, 100_000)), 2500);
});
