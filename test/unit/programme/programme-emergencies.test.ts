import t from 'tap';
import type { SoundingMemory } from '../../../agent/programme/emergency-plan.js';
import { at } from '../../fixtures/trust/messages.js';
import { uuidOf } from '../../fixtures/trust/signers.js';
import { rigOf, start, emergency, setOf, settled, province, commune, type Rig } from './programme-rig.js';

t.test('an emergency goes before a bulletin, with its chime, and the bulletin keeps its place', async (t) => {
  const { programme, opened, order } = rigOf();
  programme.play(start('a'), province);
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  t.match(opened[1], { chimeFirst: true, chain: [{ kind: 'file' }, { kind: 'stored' }] });
  t.same(order(), [opened[1]?.playId, uuidOf('a')]);
});

t.test('an emergency sounds once in its interval, across a restart too', async (t) => {
  const first = rigOf();
  first.programme.setEmergencies('slot', setOf(emergency('e')), province);
  first.end(first.opened[0]?.playId ?? '');
  const memory = first.memories.at(-1) ?? {};
  const { programme, clock, opened, end } = rigOf({ memory });
  clock.advance(10_000);
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  t.equal(opened.length, 0, 'it sounded 10 s ago');
  clock.advance(49_999);
  t.equal(opened.length, 0);
  clock.advance(1);
  t.equal(opened.length, 1);
  end(opened[0]?.playId ?? '');
  clock.advance(60_000);
  t.equal(opened.length, 2);
});

t.test('after a restart the sets come one by one, and none makes the others sound again', async (t) => {
  const first = rigOf();
  first.programme.setEmergencies('one', setOf(emergency('e1')), province);
  first.programme.setEmergencies('two', setOf(emergency('e2')), commune);
  for (const { playId } of first.opened) first.end(playId);
  const { programme, opened } = rigOf({ memory: first.memories.at(-1) ?? {} });
  programme.setEmergencies('one', setOf(emergency('e1')), province);
  programme.setEmergencies('two', setOf(emergency('e2')), commune);
  t.equal(opened.length, 0);
});

t.test('a sounding that is longer than its interval is not doubled', async (t) => {
  const { programme, clock, opened, end } = rigOf();
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  clock.advance(150_000);
  t.equal(opened.length, 1);
  end(opened[0]?.playId ?? '');
  t.equal(opened.length, 2, 'the next one follows at once: it is overdue');
});

t.test('an emergency that is withdrawn or replaced is closed at once', async (t) => {
  for (const withdraw of [
    ({ programme }: Rig) => programme.setEmergencies('slot', setOf(), province),
    ({ programme }: Rig) => programme.dropEmergencies('slot'),
  ]) {
    const rig = rigOf();
    rig.programme.setEmergencies('slot', setOf(emergency('e')), province);
    withdraw(rig);
    t.same(rig.closed, [`${rig.opened[0]?.playId ?? ''} stopped`]);
    await settled();
    t.match(rig.receipts, [{ emergencyId: uuidOf('e'), outcome: 'stopped', class: 'emergency' }]);
    rig.programme.setEmergencies('slot', setOf(emergency('e')), province);
    t.equal(rig.opened.length, 2, 'put in force again it sounds at once');
  }
});

t.test('an emergency ends at its end', async (t) => {
  const { programme, clock, closed } = rigOf({ lazy: true });
  programme.setEmergencies('slot', setOf(emergency('e', { endsAt: at(30) })), province);
  clock.advance(30_100);
  t.match(closed[0], /(stopped|lease-ended)$/);
  t.same(programme.emergenciesInForce(), []);
});

t.test('the same emergency of one authority in two slots sounds once', async (t) => {
  const { programme, opened, closed } = rigOf();
  programme.setEmergencies('area', setOf(emergency('e')), province);
  programme.setEmergencies('receiver', setOf(emergency('e')), province);
  t.equal(opened.length, 1);
  t.equal(programme.emergenciesInForce().length, 1);
  programme.dropEmergencies('area');
  t.same(closed, [], 'and goes on while one of them holds');
});

t.test('a test and an exercise are told of and never opened', async (t) => {
  for (const status of ['test', 'exercise'] as const) {
    const { programme, opened, events } = rigOf();
    programme.setEmergencies('slot', setOf(emergency('e', { status })), province);
    t.equal(opened.length, 0);
    t.match(events, [{ kind: 'notice', code: 'N_EMERGENCY_SILENT' }]);
    t.same(programme.emergenciesInForce(), []);
  }
});

t.test('a clock that steps forward past a repeat is noticed within a minute', async (t) => {
  const { programme, clock, opened, end } = rigOf();
  programme.setEmergencies(
    'slot',
    setOf(emergency('e', { endsAt: at(9_000), repeatEveryMs: 3_600_000 })),
    province,
  );
  end(opened[0]?.playId ?? '');
  clock.stepWall(3_600_000);
  clock.advance(60_000);
  t.equal(opened.length, 2);
});

t.test('the memory of soundings is bounded', async (t) => {
  const memory = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`province/${i}`, i]));
  const { programme, memories } = rigOf({ memory });
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  const kept = Object.keys(memories.at(-1) ?? {});
  t.equal(kept.length, 1_024);
  t.ok(kept.includes(`province/${uuidOf('e')}`), 'the newest stay');
});

t.test('closed, it starts nothing more', async (t) => {
  const { programme, clock, opened } = rigOf();
  programme.setEmergencies('slot', setOf(emergency('e', { startsAt: at(10) })), province);
  programme.close();
  clock.advance(600_000);
  t.equal(opened.length, 0);
});

t.test('a sounding that was cut off sounds again at once, and once only in its interval', async (t) => {
  const atSeconds: number[] = [];
  let memory: SoundingMemory = {};
  // Ten cuts in a minute, each in the middle of a sounding.
  for (let cut = 0; cut < 10; cut += 1) {
    const rig = rigOf({ memory });
    rig.clock.advance(cut * 6_000);
    rig.programme.setEmergencies('slot', setOf(emergency('e')), province);
    rig.clock.advance(5_000);
    atSeconds.push(...rig.opened.map(() => cut * 6));
    memory = rig.memories.at(-1) ?? memory;
  }
  t.same(atSeconds, [0, 6], 'two sounds');
  const last = rigOf({ memory });
  last.clock.advance(60_000);
  last.programme.setEmergencies('slot', setOf(emergency('e')), province);
  t.equal(last.opened.length, 0);
  last.clock.advance(6_000);
  t.equal(last.opened.length, 1, 'its next repeat');
});

t.test(
  'what was cancelled or has expired while the receiver was down is not heard, though it was cut off',
  async (t) => {
    const first = rigOf();
    first.programme.setEmergencies('slot', setOf(emergency('e')), province);
    const memory = first.memories.at(-1) ?? {};
    const cancelled = rigOf({ memory });
    cancelled.programme.setEmergencies('slot', setOf(), province);
    t.same(cancelled.opened, []);
    const expired = rigOf({ memory });
    expired.clock.advance(601_000);
    expired.programme.setEmergencies('slot', setOf(emergency('e')), province);
    t.same(expired.opened, []);
  },
);
