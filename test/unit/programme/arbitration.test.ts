import t from 'tap';
import { airOrder, type AirClaim } from '../../../agent/programme/arbitration.js';
import { seeded } from '../sound/signal.js';

const claim = (playId: string, parts: Partial<AirClaim> = {}): AirClaim => ({
  playId,
  class: 'normal',
  rank: 0,
  level: 10,
  severity: undefined,
  issuedMs: 0,
  turn: 1,
  ...parts,
});
const emergency = (playId: string, parts: Partial<AirClaim> = {}): AirClaim =>
  claim(playId, { class: 'emergency', severity: 'severe', ...parts });

const cases: readonly [string, AirClaim, AirClaim][] = [
  [
    'an emergency before a priority bulletin',
    emergency('win'),
    claim('b', { class: 'priority', rank: 1000 }),
  ],
  [
    'a priority bulletin before a normal one',
    claim('win', { class: 'priority' }),
    claim('b', { rank: 1000 }),
  ],
  [
    'a normal bulletin before a local tone',
    claim('win', { turn: 9 }),
    claim('b', { class: 'local', rank: 9 }),
  ],
  ['the larger rank within a class', claim('win', { rank: 2, turn: 9 }), claim('b', { rank: 1, turn: 1 })],
  ['the one already there at equal rank', claim('win', { turn: 1 }), claim('b', { turn: 2 })],
  [
    'the one already there, though the other comes from a higher level',
    claim('win', { turn: 1, level: 10 }),
    claim('b', { turn: 2, level: 30 }),
  ],
  [
    'the higher level among emergencies, though the other is graver and newer',
    emergency('win', { level: 30, severity: 'minor' }),
    emergency('b', { level: 10, severity: 'extreme', issuedMs: 9 }),
  ],
  [
    'the graver emergency of one level, though the other is newer',
    emergency('win', { severity: 'extreme' }),
    emergency('b', { severity: 'severe', issuedMs: 9 }),
  ],
  [
    'the newest of equal emergencies',
    emergency('win', { issuedMs: 2, turn: 2 }),
    emergency('b', { issuedMs: 1 }),
  ],
  [
    'rank counts nothing among emergencies',
    emergency('win', { issuedMs: 2 }),
    emergency('b', { rank: 1000 }),
  ],
];
for (const [what, winner, other] of cases) {
  t.test(`on air goes: ${what}`, async (t) => {
    t.equal(airOrder([winner, other])[0], 'win');
    t.equal(airOrder([other, winner])[0], 'win', 'whichever is named first');
  });
}

t.test('the order is total: the same whatever the order of asking, for any claims', async (t) => {
  const random = seeded(2026);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const some = (n: number): AirClaim =>
    claim(`p${n}`, {
      class: pick(['local', 'normal', 'priority', 'emergency']),
      rank: pick([0, 1, 5]),
      level: pick([10, 30]),
      severity: pick(['minor', 'extreme', undefined]),
      issuedMs: pick([1, 2]),
      turn: n,
    });
  const before = (a: AirClaim, b: AirClaim): boolean => airOrder([a, b])[0] === a.playId;
  for (let turn = 0; turn < 3_000; turn += 1) {
    const [a, b, c] = [some(1), some(2), some(3)];
    if (before(a, b) === before(b, a)) t.fail(`not antisymmetric: ${JSON.stringify([a, b])}`);
    if (before(a, b) && before(b, c) && !before(a, c)) t.fail(`not transitive: ${JSON.stringify([a, b, c])}`);
    const orders = [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ].map((claims) => airOrder(claims).join());
    if (new Set(orders).size !== 1) t.fail(`not one order: ${JSON.stringify([a, b, c])}`);
  }
  t.pass('3 000 triples');
});
