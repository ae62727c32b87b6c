import t from 'tap';
import { LineWatch } from '../../simulation/line-watch.js';
import { waitUntil } from '../../support/wait-until.js';

t.test(
  'looks after one another that find the same are one stretch, between the frames played by then',
  async (t) => {
    const values = [0, 0, 1, 1, 1, 3];
    let frames = 0;
    let looks = 0;
    const watch = new LineWatch(
      () => Promise.resolve(values[looks++] ?? 3),
      () => (frames += 100),
    );
    await waitUntil('it has seen all', () => watch.seen.length === 3);
    watch.stop();
    const [low, one] = watch.seen;
    t.same(
      watch.seen.map(({ value }) => value),
      [0, 1, 3],
    );
    t.ok((low?.last.afterFrames ?? 0) < (one?.first.beforeFrames ?? 0));
    t.ok(watch.longestFrames >= 300);
  },
);

t.test('while nothing is played it looks rarely, but does look', async (t) => {
  let looks = 0;
  const watch = new LineWatch(
    () => Promise.resolve((looks += 1) === 1 ? 0 : 1),
    () => 4_800,
  );
  await waitUntil('it looked again', () => watch.seen.length === 2, { deadlineMs: 5_000 });
  watch.stop();
  t.equal(looks, 2);
});

t.test('a look that fails is told to who asks', async (t) => {
  const watch = new LineWatch(
    () => Promise.reject(new Error('gone')),
    () => 0,
  );
  await waitUntil('it has failed', () => {
    try {
      return watch.seen.length > 0;
    } catch {
      return true;
    }
  });
  t.throws(() => watch.seen, /not watched/);
  watch.stop();
  t.same(watch.seen, [], 'afterwards nobody minds');
});
