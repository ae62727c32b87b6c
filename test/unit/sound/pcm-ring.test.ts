import t from 'tap';
import { PcmRing } from '../../../agent/sound/pcm-ring.js';
import { seeded } from './signal.js';

t.test(
  'frames come out in the order they went in, whatever the sizes and wherever the ring wraps',
  async (t) => {
    const random = seeded(7);
    const ring = new PcmRing(37);
    let pushed = 0;
    let pulled = 0;
    for (let turn = 0; turn < 2_000; turn += 1) {
      const frames = Float32Array.from({ length: Math.floor(random() * 60) }, (_, i) => pushed + i);
      pushed += ring.push(frames);
      const into = new Float32Array(Math.floor(random() * 60));
      const got = ring.pull(into);
      const wrong = into.subarray(0, got).findIndex((value, i) => value !== pulled + i);
      if (wrong >= 0) t.fail(`frame ${pulled + wrong} came as ${into[wrong] ?? 0}`);
      pulled += got;
      if (ring.length !== pushed - pulled || ring.space !== 37 - ring.length) t.fail('the count is wrong');
    }
    t.ok(pulled > 10_000, 'enough went through');
  },
);

t.test('a full ring refuses what does not fit and keeps what it holds', async (t) => {
  const ring = new PcmRing(3);
  t.equal(ring.push(Float32Array.of(1, 2, 3, 4, 5)), 3);
  t.equal(ring.push(Float32Array.of(6)), 0);
  const into = new Float32Array(4).fill(9);
  t.equal(ring.pull(into), 3);
  t.same([...into], [1, 2, 3, 9], 'and what it had not is left as it was');
});

t.test('skipping drops the oldest frames, never more than there are', async (t) => {
  const ring = new PcmRing(4);
  ring.push(Float32Array.of(1, 2, 3));
  t.equal(ring.skip(2), 2);
  const into = new Float32Array(1);
  ring.pull(into);
  t.same([...into], [3]);
  t.equal(ring.skip(5), 0);
});
