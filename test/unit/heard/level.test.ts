import t from 'tap';
import { levelDb, quietBetween, segmentsOf } from '../../heard/level.js';
import { joined, noise } from './synthetic.js';

const rateHz = 48_000;
const tone = Float32Array.from(
  { length: rateHz },
  (_, frame) => 0.5 * Math.sin((2 * Math.PI * 1000 * frame) / rateHz),
);

t.test('a sine of half scale is at -9 dBFS, silence is at minus infinity', async (t) => {
  t.ok(Math.abs(levelDb(tone, 0, rateHz) + 9.03) < 0.01);
  t.equal(levelDb(new Float32Array(10), 0, 10), -Infinity);
});

t.test('a click of 1 ms is not quiet, also across the edge of two windows', async (t) => {
  for (const at of [10_000, 9_580, 47_952]) {
    const heard = new Float32Array(rateHz);
    heard.fill(0.1, at, at + 48);
    const highest = quietBetween({ heard, rateHz, from: 0, to: rateHz });
    t.ok(Math.abs(highest + 30) < 0.1, `${highest} dBFS`);
  }
  t.equal(quietBetween({ heard: new Float32Array(rateHz), rateHz, from: 0, to: rateHz }), -Infinity);
  t.throws(() => quietBetween({ heard: tone, rateHz, from: 5, to: 5 }), RangeError);
});

t.test('sounding spans are found to the sample and joined over short gaps', async (t) => {
  const heard = joined(0.505, tone, 0.05, tone, 1, noise(0.3, 5), 0.2);
  const spans = segmentsOf({ heard, rateHz, joinGapMs: 200 });
  t.equal(spans.length, 2);
  t.ok(Math.abs((spans[0]?.fromFrame ?? 0) - 24_240) <= 1);
  t.ok(Math.abs((spans[0]?.toFrame ?? 0) - 24_240 - 2.05 * rateHz) <= 1);
  t.equal(spans[1]?.toFrame, heard.length - 9600);
  t.equal(segmentsOf({ heard, rateHz, joinGapMs: 20 }).length, 3);
  t.equal(segmentsOf({ heard: new Float32Array(rateHz), rateHz, joinGapMs: 20 }).length, 0);
});
