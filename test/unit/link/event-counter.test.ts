import t from 'tap';
import {
  COUNT_LIMIT,
  countEvent,
  dueEvents,
  NO_EVENTS,
  type EventBody,
} from '../../../agent/link/event-counter.js';

const event = (code: string, fields: EventBody['fields'] = {}): EventBody => ({
  kind: 'security',
  code,
  detail: code,
  fields,
});

t.test('the first goes at once, repeats within a minute go as one with their count', async (t) => {
  let counts = NO_EVENTS;
  const take = (one: EventBody, nowMs: number): number | undefined => {
    const step = countEvent(counts, one, nowMs);
    counts = step.counts;
    return step.send?.count;
  };
  t.equal(take(event('E_A'), 0), 1);
  t.equal(take(event('E_A'), 10), undefined);
  t.equal(take(event('E_A', { authority: 'x' }), 20), 1, 'other fields are another event');
  t.equal(take(event('E_A'), 59_999), undefined);
  t.same(dueEvents(counts, 59_999).send, []);
  const due = dueEvents(counts, 60_000);
  t.match(due.send, [{ code: 'E_A', count: 2 }]);
  t.equal(due.nextMs, 60_020);
  counts = due.counts;
  t.equal(take(event('E_A'), 60_001), 1, 'the minute is over: it begins anew');
  t.same(dueEvents(counts, 60_020).send, [], 'what came once is not told twice');
});

t.test('a flood of ever new events becomes one count, and another kind still goes at once', async (t) => {
  let counts = NO_EVENTS;
  let sent = 0;
  for (let n = 0; n < 1_000; n += 1) {
    const step = countEvent(counts, event('E_A', { kid: `k${n}` }), n);
    counts = step.counts;
    if (step.send !== undefined) sent += 1;
  }
  t.equal(sent, COUNT_LIMIT);
  t.equal(counts.open.size, COUNT_LIMIT + 1);
  t.equal(countEvent(counts, { kind: 'alarm', code: 'E_SINK_DIED', detail: '' }, 1_000).send?.count, 1);
  const due = dueEvents(counts, Infinity);
  t.same(
    due.send.map(({ count }) => count),
    [1_000 - COUNT_LIMIT],
    'every one of them is counted',
  );
  t.equal(due.counts.open.size, 0);
});
