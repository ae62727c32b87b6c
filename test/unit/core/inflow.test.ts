import t from 'tap';
import { inflow, inflowStart, type InflowLimits } from '../../../agent/core/inflow.js';

const limits: InflowLimits = {
  messagesPerSecond: 10,
  messageBurst: 20,
  bytesPerSecond: 100,
  byteBurst: 1_000,
};

t.test('a burst passes, what is more waits until the average is kept', async (t) => {
  const burst = inflow(inflowStart(0, limits), { messages: 20, bytes: 1_000 }, 0, limits);
  t.equal(burst.waitMs, 0);
  t.equal(inflow(burst.state, { messages: 5, bytes: 0 }, 0, limits).waitMs, 500);
  t.equal(inflow(burst.state, { messages: 0, bytes: 300 }, 0, limits).waitMs, 3_000);
  t.equal(
    inflow(burst.state, { messages: 5, bytes: 0 }, 500, limits).waitMs,
    0,
    'half a second later it is there',
  );
});

t.test('the buckets fill up to the burst and no further', async (t) => {
  const { state } = inflow(inflowStart(0, limits), { messages: 0, bytes: 0 }, 3_600_000, limits);
  t.match(state, { messages: 20, bytes: 1_000 });
});
