import t from 'tap';
import { failuresAfter, longestWaitMs, RETRY_DEFAULTS, waitMs } from '../../../agent/link/retry.js';

t.test('the longest wait doubles from 1 s to 120 s and stays there', async (t) => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000].map((n) => longestWaitMs(n, RETRY_DEFAULTS));
  t.same(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000, 120_000]);
});

t.test('the wait is spread evenly between nothing and the longest', async (t) => {
  t.equal(waitMs(5, RETRY_DEFAULTS, 0), 0);
  t.equal(waitMs(5, RETRY_DEFAULTS, 0.5), 8_000);
  t.ok(waitMs(5, RETRY_DEFAULTS, 0.999999) <= 16_000);
});

t.test('a connection that lasted five minutes makes the failures before it forgotten', async (t) => {
  t.equal(failuresAfter(7, 299_999, RETRY_DEFAULTS), 8);
  t.equal(failuresAfter(7, 300_000, RETRY_DEFAULTS), 1);
});
