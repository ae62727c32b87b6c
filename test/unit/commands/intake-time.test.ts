import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { assignmentWith, at, emergencySetWith, nowMs, playStartWith } from '../../fixtures/trust/messages.js';
import { memoryStore } from '../../fakes/memory-store.js';
import { uuidOf } from '../../fixtures/trust/signers.js';
import { assignedRig, openRig, TOPIC, type Rig } from './time-rig.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const DAY = 86_400_000;
const at2099 = Date.parse('2099-01-01T00:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();
const play = (id: string, ms = nowMs) =>
  playStartWith(
    { id: uuidOf(id), issuedAt: iso(ms - 10_000), expiresAt: iso(ms + 60_000) },
    { playId: uuidOf(id), until: iso(ms + 60_000) },
  );
const answer = (rig: Rig, ms: number) =>
  rig.say(TOPIC.beat, rig.beat({ at: iso(ms), nonce: rig.time.newNonce() }));
const areaBeat = (rig: Rig, ms: number) => rig.beat({ slot: { area: 'xa-001' }, at: iso(ms) });
const KEY = 'emergency/area/xa-001/province';
/** What was known of the time is lost: the file, and the one before it. */
const loseTime = (folder: string): void => {
  for (const name of ['clock.json', 'clock.json.good']) rmSync(join(folder, name), { force: true });
};

t.test('with a clock at 1970 emergencies are taken, and plays only when a beat has answered', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  const rig = await first.restart({ clockMs: 0 });
  t.equal(rig.time.state(), 'behind');
  t.match(await rig.intake.permit('any'), { ok: false, refusal: { code: 'E_CLOCK_UNKNOWN' } });
  rig.events.length = 0;
  t.same(await rig.say(TOPIC.emergency, emergencySetWith()), []);
  t.equal(rig.inForce.get(KEY), 1);
  t.same(await rig.say(TOPIC.command, play('a')), ['E_CLOCK_UNKNOWN']);
  t.match(rig.replies, [{ outcome: 'refused', code: 'E_CLOCK_UNKNOWN' }]);
  t.same(await answer(rig, nowMs), []);
  t.equal(rig.time.state(), 'trusted');
  t.same(await rig.say(TOPIC.command, play('b')), []);
  t.same(rig.done, ['play.start']);
});

t.test(
  'a beat that is taken while it closes leaves no timer, which would keep a stopped receiver alive',
  async (t) => {
    const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
    const before = rig.clock.waiting();
    const taken = answer(rig, nowMs);
    await rig.time.close();
    t.same(await taken, []);
    t.equal(rig.clock.waiting(), before - 1, 'the look of its own has gone, and none came');
  },
);

t.test('a floor 22 days behind comes back by a birth a minute; emergencies do not wait for it', async (t) => {
  const rig = await (await assignedRig({ t, folder: await temporaryFolder(t) })).restart({ clockMs: 0 });
  t.same(await rig.say(TOPIC.emergency, emergencySetWith()), []);
  let births = 0;
  for (; rig.time.state() !== 'trusted' && births < 40; births += 1) {
    t.same(await answer(rig, nowMs + births * 60_000), []);
    rig.clock.advance(60_000);
  }
  t.equal(births, 23, '22 days and 3 hours are lifted by 24 h at a time');
  t.equal(rig.asked.births, births - 1, 'it asked again by itself, a minute apart');
  t.same(await rig.say(TOPIC.command, play('b', rig.time.nowMs())), []);
});

t.test('a clock stepped to 2099 while connected silences nothing and lets nothing in', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  await rig.say(TOPIC.emergency, emergencySetWith());
  await answer(rig, nowMs);
  rig.clock.stepTo(at2099);
  t.same(await rig.say(TOPIC.command, play('now')), [], 'keys are in their validity, commands current');
  t.same(await rig.say(TOPIC.command, play('then', at2099)), ['E_COMMAND_TIME']);
  t.equal(rig.inForce.get(KEY), 1);
  rig.clock.advance(60_000);
  t.match(rig.events.at(-1), { kind: 'alarm', code: 'E_CLOCK_STEPPED' });
  t.ok(Math.abs(rig.time.nowMs() - nowMs - 60_000) < 1_000);
});

t.test('a start at 2099 drops nothing that was kept, and the first beat puts the time right', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  await first.say(TOPIC.emergency, emergencySetWith());
  const rig = await first.restart({ clockMs: at2099 });
  t.equal(rig.inForce.get(KEY), 1, 'though its key looks expired');
  t.same(await answer(rig, nowMs), []);
  t.equal(rig.inForce.get(KEY), 1);
  t.same(await rig.say(TOPIC.command, play('a')), []);
});

t.test(
  'a new receiver whose clock is hours late, yet above its floor, is assigned and put right',
  async (t) => {
    const hours = 3 * 3_600_000;
    const folder = await temporaryFolder(t);
    const trustedMs = (await openRig({ t, folder })).time.floorMs();
    const rig = await openRig({ t, folder: await temporaryFolder(t), clockMs: trustedMs + 60_000 });
    t.equal(rig.time.state(), 'unconfirmed');
    const late = iso(trustedMs + hours);
    t.same(await rig.say(TOPIC.assignment, { ...assignmentWith(), issuedAt: late }), []);
    t.same(await rig.say(TOPIC.assignment, { ...assignmentWith(), revision: 2, issuedAt: late }), [
      'E_COMMAND_TIME',
    ]);
    t.same(await answer(rig, trustedMs + hours), []);
    t.equal(rig.time.state(), 'trusted');
    t.same(await rig.say(TOPIC.assignment, { ...assignmentWith(), revision: 2, issuedAt: late }), []);
  },
);

t.test('a document issued in 2099 is refused in every state of the clock', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  const late = emergencySetWith({ issuedAt: iso(at2099) });
  t.same(await rig.say(TOPIC.emergency, late), ['E_COMMAND_TIME'], 'unconfirmed');
  await answer(rig, nowMs);
  t.same(await rig.say(TOPIC.emergency, late), ['E_COMMAND_TIME'], 'trusted');
  const behind = await rig.restart({ clockMs: 0 });
  t.same(
    await behind.say(TOPIC.emergency, late),
    ['E_AUTHORITY_REVOKED'],
    'behind: out of its key’s validity',
  );
  t.equal(behind.inForce.get(KEY), undefined);
});

t.test(
  'without a beat for a day live play is refused, the emergency goes on; the next beat mends it',
  async (t) => {
    const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
    await rig.say(TOPIC.emergency, emergencySetWith());
    await answer(rig, nowMs);
    rig.clock.advance(DAY - 1_000);
    t.same(await rig.say(TOPIC.command, play('a', nowMs + DAY)), []);
    rig.clock.advance(120_000);
    t.same(await rig.say(TOPIC.command, play('b', rig.time.nowMs())), ['E_TRUST_STALE']);
    t.match(
      rig.events.find(({ code, kind }) => code === 'E_TRUST_STALE' && kind === 'alarm'),
      { kind: 'alarm' },
    );
    t.equal(rig.inForce.get(KEY), 1);
    t.same(await rig.say(TOPIC.emergency, emergencySetWith({ revision: 2 })), [], 'a new one is taken, too');
    t.same(await rig.say(TOPIC.beat, rig.beat({ at: iso(nowMs + DAY + 100_000) })), []);
    t.same(await rig.say(TOPIC.command, play('c', rig.time.nowMs())), []);
    t.ok(rig.events.some(({ code, kind }) => code === 'E_TRUST_STALE' && kind === 'cleared'));
  },
);

t.test('staleness outlives a restart', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  const rig = await first.restart({ clockMs: nowMs + 2 * DAY });
  t.equal(rig.time.freshness(), 'stale');
  t.same(await rig.say(TOPIC.command, play('a', nowMs + 2 * DAY)), ['E_CLOCK_UNKNOWN']);
  t.same(await rig.say('loa/v1/beat/xa-001', areaBeat(rig, nowMs + 2 * DAY)), []);
  t.equal(rig.time.state(), 'unconfirmed', 'a beat of an area shows that the clock is not years ahead');
  t.same(await rig.say(TOPIC.command, play('b', nowMs + 2 * DAY)), []);
});

t.test('a start at 2099 without a beat: documents are taken, sound of a play is not', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  const rig = await first.restart({ clockMs: at2099 });
  t.equal(rig.time.state(), 'ahead');
  t.same(await rig.say(TOPIC.emergency, emergencySetWith()), [], 'though its key looks expired');
  t.equal(rig.inForce.get(KEY), 1);
  t.same(await rig.say(TOPIC.command, play('a', at2099)), ['E_AUTHORITY_REVOKED']);
  t.same(rig.done, []);
});

t.test('a first start with a clock at 2099 does not count as fresh once the time is known', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t), clockMs: nowMs + DAY / 2 });
  await answer(rig, nowMs);
  rig.clock.advance(DAY + 60_000);
  t.equal(rig.time.freshness(), 'stale');
});

t.test(
  'the floor is kept each hour, with no beat either: after a power cut it is not a day behind',
  async (t) => {
    const first = await assignedRig({ t, folder: await temporaryFolder(t) });
    await answer(first, nowMs);
    for (let minute = 0; minute < 60 * 30; minute += 1) first.clock.advance(60_000);
    const rig = await first.restart({ clockMs: 0 });
    t.ok(rig.time.floorMs() >= nowMs + 29 * 3_600_000);
  },
);

t.test('a beat is believed from who may give the time alone, for this receiver, on its topic', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  t.same(await rig.say(TOPIC.beat, rig.beat({ slot: { receiver: 'loa-0002' } })), ['E_DOCUMENT_SLOT']);
  t.same(await rig.say('loa/v1/beat/xa-001', rig.beat({ slot: { area: 'xa-001' } })), []);
  t.same(await rig.say('loa/v1/beat/xa-002', rig.beat({ slot: { area: 'xa-002' } })), ['E_COMMAND_TARGET']);
  t.same(
    await rig.say(TOPIC.beat, rig.beat({ at: at(3600) })),
    ['E_COMMAND_TIME'],
    'no nonce, an hour ahead',
  );
});

t.test('where the journal is lost, a play issued before is refused and a newer one taken', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  t.same(await first.say(TOPIC.command, play('a')), []);
  const kept = await first.restart();
  t.same(await kept.say(TOPIC.command, play('a')), ['E_COMMAND_REPLAY'], 'with the journal: a replay');
  const rig = await kept.restart({ store: memoryStore() });
  t.same(await rig.say(TOPIC.command, play('a')), ['E_JOURNAL_LOST']);
  t.same(await rig.say(TOPIC.emergency, emergencySetWith()), []);
  rig.clock.advance(30_000);
  t.same(await rig.say(TOPIC.command, play('b', nowMs + 20_000)), []);
  t.same(rig.done, ['play.start']);
});

t.test('a journal that was lost stays lost over the next restart, and whatever the clock was', async (t) => {
  const first = await assignedRig({ t, folder: await temporaryFolder(t) });
  await answer(first, nowMs);
  t.same(await first.say(TOPIC.command, play('a')), []);
  for (const clockMs of [0, nowMs + 1_000, at2099]) {
    const lost = await first.restart({ store: memoryStore(), clockMs });
    const rig = await lost.restart({ clockMs: nowMs + 2_000 });
    await answer(rig, nowMs + 2_000);
    t.same(await rig.say(TOPIC.command, play('a')), ['E_JOURNAL_LOST'], iso(clockMs));
    t.same(await rig.say(TOPIC.command, play('b', nowMs + 20_000)), []);
  }
});

t.test('a damaged file of the time is read as the one before it, and not as a floor in 2099', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await assignedRig({ t, folder });
  await answer(first, nowMs);
  const path = join(folder, 'clock.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"floorMs":\d/, '"floorMs":4'));
  const rig = await first.restart({ clockMs: nowMs + 1_000 });
  t.ok(rig.time.floorMs() <= nowMs + 1_000, iso(rig.time.floorMs()));
  t.equal(rig.time.state(), 'unconfirmed');
  await answer(rig, nowMs + 1_000);
  t.same(await rig.say(TOPIC.command, play('a')), [], 'its journal still holds');
});

t.test(
  'journal and time lost together are told from a first start: only what cannot harm is taken',
  async (t) => {
    const folder = t.testdir();
    const first = await assignedRig({ folder });
    await answer(first, nowMs);
    t.same(await first.say(TOPIC.command, play('a')), []);
    loseTime(folder);
    const rig = await first.restart({ store: memoryStore(), clockMs: nowMs + 1_000 });
    t.equal(rig.time.freshness(), 'stale', 'nobody knows when the province was heard');
    t.same(await rig.say(TOPIC.emergency, emergencySetWith()), [], 'an emergency is taken');
    await answer(rig, nowMs + 1_000);
    t.same(await rig.say(TOPIC.command, play('a')), ['E_JOURNAL_LOST'], 'a copied play is not');
    t.same(await rig.say(TOPIC.command, play('b', nowMs + 20_000)), [], 'a new one is');
  },
);

t.test('a mark of the first start that cannot be read counts as a loss', async (t) => {
  const folder = t.testdir();
  const first = await assignedRig({ folder });
  await answer(first, nowMs);
  t.same(await first.say(TOPIC.command, play('a')), []);
  loseTime(folder);
  writeFileSync(join(folder, 'identity', 'started.json'), '{');
  const rig = await first.restart({ store: memoryStore() });
  await answer(rig, nowMs);
  t.same(await rig.say(TOPIC.command, play('a')), ['E_JOURNAL_LOST']);
});

t.test(
  'a newer revision that a beat names and that does not come is an alarm, cleared when it comes',
  async (t) => {
    const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
    await rig.say(TOPIC.emergency, emergencySetWith());
    const withheld = () =>
      rig.events.filter(({ code }) => code === 'E_DOCUMENT_WITHHELD').map(({ kind }) => kind);
    const documents = [
      { key: KEY, epoch: 0, revision: 2 },
      { key: 'emergency/area/xa-002/province', epoch: 0, revision: 9 },
    ];
    await rig.say(TOPIC.beat, rig.beat({ documents }));
    t.same(withheld(), [], 'it may be on its way');
    rig.clock.advance(120_000);
    t.same(withheld(), ['alarm'], 'and nothing of the neighbour');
    await rig.say(TOPIC.emergency, emergencySetWith({ revision: 2 }));
    t.same(withheld(), ['alarm', 'cleared']);
    await rig.say(TOPIC.beat, rig.beat({ documents, at: at(60) }));
    rig.clock.advance(120_000);
    t.same(withheld(), ['alarm', 'cleared']);
  },
);

t.test('a receiver is retired by a confirmed clock and its own epoch only', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  const retire = (id: string, epoch: number) => ({
    type: 'retire' as const,
    ...{ id: uuidOf(id), authority: 'province', issuedAt: at(-10), expiresAt: at(600) },
    ...{ target: { receiver: 'loa-0001', epoch }, body: {} },
  });
  t.same(await rig.say(TOPIC.ownCommand, retire('a', 3)), ['E_CLOCK_UNKNOWN']);
  await answer(rig, nowMs);
  t.same(await rig.say(TOPIC.ownCommand, retire('b', 2)), ['E_COMMAND_TARGET']);
  t.same(await rig.say(TOPIC.ownCommand, retire('c', 3)), []);
  t.same(rig.done, ['retire']);
});
