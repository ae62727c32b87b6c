import t from 'tap';
import { compareSegment, identify, type Comparison } from '../../heard/compare.js';
import { comparisonTable } from '../../heard/report.js';
import { babble, joined, noise } from './synthetic.js';

const rateHz = 48_000;
const bulletin = babble(12, 1);
const other = babble(12, 2);

function compare(
  heard: Float32Array,
  reference = bulletin,
  more: { from?: number; to?: number; ramp?: number } = {},
): Comparison {
  const { from = 0, to = heard.length, ramp = 0 } = more;
  return compareSegment({ heard, reference, rateHz, fromFrame: from, toFrame: to, rampFrames: ramp });
}

t.test('an exact copy holds, at lag 0', async (t) => {
  const result = compare(bulletin.slice());
  t.equal(result.lagFrames, 0);
  t.equal(result.windows, 48);
  t.ok(result.windowsLoud > 40, `${result.windowsLoud} loud windows`);
  t.equal(result.windowsMatched, result.windowsLoud);
  t.ok(result.worst > 0.999999);
  t.equal(result.lagSpreadMs, 0);
  t.same(result.failures, []);
  t.ok(result.holds);
});

t.test('a change of level is no difference', async (t) => {
  const result = compare(bulletin.map((sample) => sample * 0.13));
  t.ok(result.holds);
  t.ok(result.worst > 0.9999);
});

t.test('a delay is found to the frame, wherever the reference starts', async (t) => {
  for (const delay of [1, 47, 4801, 131_072]) {
    const heard = joined(delay / rateHz, bulletin, 1);
    const result = compare(heard, bulletin, { from: delay, to: delay + bulletin.length });
    t.equal(result.lagFrames, delay);
    t.ok(result.holds);
  }
  const joinedLate = compare(bulletin.slice(200_001), bulletin);
  t.equal(joinedLate.lagFrames, -200_001, 'a stream joined in its middle');
  t.ok(joinedLate.holds);
});

t.test('a search around an expected lag looks nowhere else', async (t) => {
  const heard = joined(bulletin, bulletin);
  const question = { heard, reference: bulletin, rateHz, rampFrames: 0, searchFrames: 480 };
  for (const start of [0, bulletin.length]) {
    const segment = { fromFrame: start, toFrame: start + bulletin.length, expectedLagFrames: start + 100 };
    t.equal(compareSegment({ ...question, ...segment }).lagFrames, start);
  }
  const wrong = { fromFrame: 0, toFrame: bulletin.length, expectedLagFrames: 9000 };
  t.notOk(compareSegment({ ...question, ...wrong }).holds);
});

t.test('one hole of 5 ms is found, and where', async (t) => {
  const heard = bulletin.slice();
  const at = loudestFrame(heard, 5 * rateHz);
  heard.fill(0, at, at + 240);
  const result = compare(heard);
  t.equal(result.failures.length, 1);
  t.match(result.failures[0]?.kind, /hole|correlation/);
  const atMs = result.failures[0]?.atMs ?? 0;
  t.ok(atMs <= at / 48 && at / 48 < atMs + 250, `${atMs} ms holds ${at / 48} ms`);
  t.notOk(result.holds);
});

t.test('a hole of 5 ms in a steady sound is found although it correlates above 0.98', async (t) => {
  const steady = noise(4, 3);
  const heard = steady.slice();
  heard.fill(0, 100_000, 100_240);
  const result = compare(heard, steady);
  t.same(
    result.failures.map(({ kind }) => kind),
    ['hole'],
  );
  t.ok((result.failures[0]?.correlation ?? 0) > 0.98);
});

t.test('the wrong file fails in every loud window', async (t) => {
  const result = compare(other);
  t.ok(result.failures.length >= 40, `${result.failures.length} failures`);
  t.equal(result.windowsMatched, 0);
  t.notOk(result.holds);
});

t.test(
  'a jump of 1 ms in the middle is a failure, forwards and backwards, in sound and in silence',
  async (t) => {
    const middle = 6 * rateHz;
    const skipped = joined(bulletin.slice(0, middle), bulletin.slice(middle + 48));
    const repeated = joined(bulletin.slice(0, middle), bulletin.slice(middle - 48));
    const paused = joined(bulletin.slice(0, middle), 0.5, bulletin.slice(middle));
    const inPause = joined(paused.slice(0, middle + 4800), paused.slice(middle + 4848));
    for (const [heard, reference] of [
      [skipped, bulletin],
      [repeated, bulletin],
      [inPause, paused],
    ] as const) {
      const result = compare(heard, reference);
      t.ok(result.failures.length >= 1 && result.failures.length <= 3, JSON.stringify(result.failures));
      t.ok(Math.abs((result.failures[0]?.atMs ?? 0) - 6000) <= 750);
      t.ok(result.lagSpreadMs >= 0.9, `${result.lagSpreadMs} ms`);
      t.notOk(result.holds);
    }
  },
);

t.test('noise instead of speech fails, and so does silence', async (t) => {
  t.equal(compare(noise(12, 9)).windowsMatched, 0);
  const silence = compare(new Float32Array(bulletin.length));
  t.equal(silence.windowsMatched, 0);
  t.notOk(silence.holds);
});

t.test('sound that goes on after the reference has ended is a failure', async (t) => {
  const result = compare(joined(bulletin, other.slice(0, 96_000)));
  t.ok(
    result.failures.every(({ kind, atMs }) => (kind === 'extra' || kind === 'correlation') && atMs >= 11_750),
  );
  t.ok(result.failures.length >= 5);
  t.notOk(result.holds);
});

t.test('windows in a ramp are counted and not judged', async (t) => {
  const heard = bulletin.slice();
  for (let frame = 0; frame < 4800; frame += 1) heard[frame]! *= (frame / 4800) ** 4;
  const judged = compare(heard);
  const spared = compare(heard, bulletin, { ramp: 4800 });
  t.equal(spared.windowsInRamp, 2);
  t.equal(spared.windowsLoud, judged.windowsLoud - 2);
  t.ok(spared.holds);
});

t.test('nothing judged does not hold', async (t) => {
  t.notOk(compare(new Float32Array(rateHz), new Float32Array(rateHz)).holds);
  t.throws(() => compare(bulletin, bulletin, { from: 0, to: bulletin.length + 1 }), RangeError);
});

t.test('bulletins are told apart, and found where they start', async (t) => {
  const heard = joined(
    0.5,
    other,
    0.7,
    bulletin.map((sample) => sample * 0.3),
    noise(3, 4),
  );
  const references = { bulletin, other };
  const first = { fromFrame: 24_000, toFrame: 24_000 + other.length };
  const start = first.toFrame + 33_600;
  t.match(identify({ heard, rateHz, ...first }, references), { name: 'other', lagFrames: 24_000 });
  const second = { fromFrame: start + 4000, toFrame: start + 200_000 };
  t.match(identify({ heard, rateHz, ...second }, references), { name: 'bulletin', lagFrames: start });
  const last = { fromFrame: heard.length - 2 * rateHz, toFrame: heard.length };
  t.equal(identify({ heard, rateHz, ...last }, references), undefined);
});

t.test('the table names the segment, its figures and its first failures', async (t) => {
  const table = comparisonTable([
    ['good', compare(bulletin)],
    ['wrong', compare(other)],
  ]);
  t.match(table, /^segment .*holds\ngood .*yes\nwrong .*NO\n {4}correlation at /);
  t.match(table, /and \d+ more$/);
});

/** The first frame of the loudest 5 ms in the second that starts at `from`. */
function loudestFrame(samples: Float32Array, from: number): number {
  let [loudest, power] = [from, 0];
  for (let at = from; at < from + rateHz; at += 240) {
    const sum = samples.subarray(at, at + 240).reduce((total, sample) => total + sample * sample, 0);
    if (sum > power) [loudest, power] = [at, sum];
  }
  return loudest;
}
