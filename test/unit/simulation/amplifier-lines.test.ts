import t from 'tap';
import {
  assertAmplifier,
  judgeAmplifier,
  type AmplifierQuestion,
  type LineEdge,
} from '../../simulation/amplifier-lines.js';
import type { LinesSeen } from '../../simulation/line-watch.js';

const RATE = 48_000;
const OFF = 0;
const SUPPLIED = 0b001;
const CONNECTED = 0b011;
const OPEN = 0b111;

const frames = (seconds: number): number => Math.round(seconds * RATE);

/** Looks each 20 ms; `lines` tells the value from an instant on, in seconds. */
function seenOf(lines: readonly (readonly [number, number])[], endS: number): LinesSeen[] {
  return lines.map(([fromS, value], index) => {
    const toS = lines[index + 1]?.[0] ?? endS;
    const look = (atS: number) => ({ beforeFrames: frames(atS), afterFrames: frames(atS + 0.005) });
    return { value, first: look(fromS), last: look(toS - 0.02) };
  });
}

/** What QEMU notes where the lines take these values one after the other. */
function edgesOf(values: readonly number[]): LineEdge[] {
  return [0, ...values].flatMap((before, index) => {
    const value = values[index] ?? before;
    return [0, 1, 2]
      .filter((line) => ((before ^ value) & (1 << line)) !== 0)
      .map((line) => ({ line, high: (value & (1 << line)) !== 0 }));
  });
}

/** Ten seconds, of which 4 to 6 s sound. */
function question(
  lines: readonly (readonly [number, number])[],
  more: Partial<AmplifierQuestion> = {},
): AmplifierQuestion {
  const samples = new Float32Array(frames(10));
  samples.fill(0.1, frames(4), frames(6));
  return {
    changes: edgesOf(lines.map(([, value]) => value)),
    ...{ seen: seenOf(lines, 10), longestFrames: frames(0.025), samples, rateHz: RATE, fromFrame: 0 },
    ...{ bits: { supply: 0, line: 1, unmute: 2 }, leadMs: 1_000, tailMs: 1_000, ...more },
  };
}

const GOOD = [
  ...([
    [0, OFF],
    [2.5, SUPPLIED],
    [3, CONNECTED],
    [3.4, OPEN],
  ] as const),
  ...([
    [6.6, CONNECTED],
    [7.5, SUPPLIED],
    [8.5, OFF],
  ] as const),
];

t.test('open from before the first sample to after the last, and off at the end, is right', async (t) => {
  const verdict = judgeAmplifier(question(GOOD));
  t.same(verdict.faults, []);
  t.equal(verdict.openings, 1);
  t.ok((verdict.leadMs[0] ?? 0) > 450 && (verdict.leadMs[0] ?? 0) < 600, String(verdict.leadMs[0]));
  t.ok((verdict.tailMs[0] ?? 0) > 550 && (verdict.tailMs[0] ?? 0) < 650, String(verdict.tailMs[0]));
  assertAmplifier(verdict);
});

const at = (index: number, atS: number): readonly (readonly [number, number])[] =>
  GOOD.map((one, place) => (place === index ? [atS, one[1]] : one));

for (const [what, lines, wanted] of [
  ['opened after the first sample', at(3, 4.1), /sound at 4.00 s while it was muted/],
  ['opened just as the first sample came', at(3, 3.95), /sound at 4.00 s while it was muted/],
  ['muted before the last sample', at(4, 5.9), /sound at 5.88 s while it was muted/],
  ['opened long before', at(3, 3.01), /open 10\d\d ms before the first sample/],
  ['open long after', at(4, 7), /open 1\d\d\d ms after the last sample/],
  ['never opened', [[0, OFF]], /sound at 4.00 s/],
  ['never off again', GOOD.slice(0, 4), /not off at the end/],
  [
    'unmuted without the relays',
    [
      [0, OFF],
      [3.4, 0b100],
      [6.6, OFF],
    ],
    /unmuted without the line relay/,
  ],
] as const)
  t.test(`${what}: told`, async (t) => {
    const { faults } = judgeAmplifier(question(lines as readonly (readonly [number, number])[]));
    t.match(faults.join('; '), wanted);
  });

t.test('an opening without any sound is told', async (t) => {
  const { faults } = judgeAmplifier(question(GOOD, { samples: new Float32Array(frames(10)) }));
  t.match(faults.join('; '), /opened at .* for nothing/);
});

t.test('a mute so short that no look has seen it is told', async (t) => {
  const changes = edgesOf([
    ...GOOD.map(([, value]) => value).slice(0, 4),
    CONNECTED,
    OPEN,
    CONNECTED,
    SUPPLIED,
    OFF,
  ]);
  const { faults } = judgeAmplifier(question(GOOD, { changes }));
  t.match(faults.join('; '), /unmute changed 4 times, of which 2 were seen/);
});

t.test('what was never open is no proof', async (t) => {
  const verdict = judgeAmplifier(question([[0, OFF]], { samples: new Float32Array(frames(10)) }));
  t.same(verdict.faults, []);
  t.throws(() => assertAmplifier(verdict), /never opened/);
});
