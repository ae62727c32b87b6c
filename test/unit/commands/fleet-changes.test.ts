import t from 'tap';
import { assignmentWith, emergencySetWith, nowMs, playStartWith } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, signTrust, uuidOf } from '../../fixtures/trust/signers.js';
import { Cast } from '../../security/cast.js';
import { Bench } from '../../security/bench.js';
import { COMMAND_TOPIC, emergencyTopic } from '../../security/verdicts.js';
import type { TrustDocument } from '../../../protocols/trust-document.js';
import { assignedRig, TOPIC, type Rig } from './time-rig.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const BOTH = ['thon-01', 'xa-001', 'tinh-01', 'tinh-moi'];
const NEW_ONLY = ['thon-01', 'xa-001', 'tinh-moi'];

const young = await newSigner();
const merged = authorityWith(young, { id: 'tinh-moi', homeArea: 'tinh-moi' });

function playBy(authority: string, area: string, label: string, ms: number) {
  const times = { issuedAt: iso(ms - 10_000), expiresAt: iso(ms + 60_000) };
  return playStartWith(
    { id: uuidOf(label), authority, target: { area }, ...times },
    { playId: uuidOf(label), until: iso(ms + 60_000) },
  );
}

/** Versions 2 (both provinces), 3 (a change between) and 4 (the old one is gone), as they stand retained. */
async function versions(rig: Rig): Promise<Map<string, string>> {
  const [old] = rig.trust.authorities;
  if (old === undefined) throw new Error('no province');
  const next = (version: number, days: number, authorities: TrustDocument['authorities']) =>
    signTrust({ ...rig.trust, version, issuedAt: iso(nowMs + days * DAY), authorities }, rig.roots);
  return new Map([
    ['loa/v1/trust/2', await next(2, 0, [old, merged])],
    ['loa/v1/trust/3', await next(3, 20, [{ ...old, level: 29 }, merged])],
    ['loa/v1/trust/4', await next(4, 45, [merged])],
  ]);
}

t.test('two provinces merge: both speak for a time, then the new one alone', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  const trusts = await versions(rig);
  t.same(await rig.say(TOPIC.command, playBy('tinh-moi', 'xa-001', 'a', nowMs), young), ['E_SIGNATURE_KEY']);
  t.same(await rig.publish('loa/v1/trust/2', trusts.get('loa/v1/trust/2') ?? ''), []);
  t.same(await rig.say(TOPIC.command, playBy('tinh-moi', 'xa-001', 'b', nowMs), young), ['E_AUTHORITY_AREA']);
  t.same(await rig.say(TOPIC.assignment, assignmentWith({ revision: 2 }, { areas: BOTH })), []);
  t.same(await rig.say(TOPIC.command, playBy('tinh-moi', 'xa-001', 'c', nowMs), young), []);
  t.same(
    await rig.say(TOPIC.command, playBy('province', 'xa-001', 'd', nowMs)),
    [],
    'the old one still speaks',
  );
  const alone = assignmentWith({ authority: 'tinh-moi', epoch: 4 }, { areas: NEW_ONLY });
  t.same(await rig.say(TOPIC.assignment, alone, young), []);
  t.same(await rig.say(TOPIC.command, playBy('province', 'xa-001', 'e', nowMs)), ['E_AUTHORITY_AREA']);
  t.same(await rig.say(TOPIC.command, playBy('tinh-moi', 'xa-001', 'f', nowMs), young), []);
  t.equal(rig.done.length, 3);
});

t.test(
  'a receiver that was away for 60 days over the whole merger comes home in one connection',
  async (t) => {
    const first = await assignedRig({ t, folder: await temporaryFolder(t) });
    await first.say(TOPIC.beat, first.beat({ nonce: first.time.newNonce() }));
    const trusts = await versions(first);
    const backMs = nowMs + 60 * DAY;
    const rig = await first.restart({ clockMs: backMs });
    const newest = trusts.get('loa/v1/trust/4') ?? '';
    t.same(await rig.publish('loa/v1/trust', newest), [], 'three versions ahead: it waits');
    const assignment = assignmentWith(
      { authority: 'tinh-moi', epoch: 4, issuedAt: iso(nowMs + 30 * DAY) },
      { areas: NEW_ONLY },
    );
    t.same(
      await rig.say(TOPIC.assignment, assignment, young),
      ['E_SIGNATURE_KEY'],
      'brought before its signer is known',
    );
    for (let step = 0; step < 5; step += 1) {
      const topic = rig.topics().find((one) => trusts.has(one));
      if (topic === undefined) continue;
      // With the last one the old assignment falls: nobody who is known has signed it.
      const codes = topic.endsWith('/4') ? ['E_SIGNATURE_KEY'] : [];
      t.same(await rig.publish(topic, trusts.get(topic) ?? ''), codes, topic);
    }
    t.equal(rig.intake.trust.version, 4);
    t.same(
      rig.intake.assignment?.body.areas,
      NEW_ONLY,
      'the assignment is judged again, nobody sends it twice',
    );
    t.ok(rig.topics().includes('loa/v1/area/tinh-moi/command'));
    t.notOk(rig.topics().includes('loa/v1/area/tinh-01/command'));
    const emergency = emergencySetWith({
      ...{ authority: 'tinh-moi', slot: { area: 'tinh-moi' }, issuedAt: iso(backMs - 10_000) },
    });
    t.same(
      await rig.say('loa/v1/area/tinh-moi/emergency/tinh-moi', emergency, young),
      [],
      'heard before the time is known',
    );
    const beat = rig.beat({
      authority: 'tinh-moi',
      at: iso(backMs),
      nonce: rig.time.newNonce(),
      trustVersion: 4,
    });
    t.same(await rig.say(TOPIC.beat, beat, young), []);
    t.equal(rig.time.state(), 'trusted');
    t.same(await rig.say(TOPIC.command, playBy('tinh-moi', 'xa-001', 'b', backMs), young), []);
    t.same(await rig.say(TOPIC.command, playBy('province', 'xa-001', 'c', backMs)), ['E_SIGNATURE_KEY']);
    const again = await rig.restart();
    t.same(again.intake.assignment?.body.areas, NEW_ONLY);
  },
);

t.test('what is postponed is bounded, and the rest of a refusal is told once', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  const stranger = await newSigner();
  for (let i = 0; i < 40; i += 1)
    await rig.say(`loa/v1/area/xa-001/emergency/a-${i}`, emergencySetWith({ authority: `a-${i}` }), stranger);
  const refused = () => rig.events.filter(({ kind }) => kind === 'security').length;
  t.equal(refused(), 40);
  const trusts = await versions(rig);
  t.same(await rig.publish('loa/v1/trust/2', trusts.get('loa/v1/trust/2') ?? ''), []);
  t.equal(refused(), 40, 'judged again in silence');
  t.equal(rig.inForce.size, 1, 'the assignment alone');
});

t.test(
  'a swap on the pole: the new receiver takes the place, the old one none of its commands',
  async (t) => {
    const cast = await Cast.make();
    const old = await Bench.open(cast, 'loa-0001');
    t.teardown(() => old.close());
    const spare = await old.sibling('loa-0002');
    const forOld = cast.play(old, 'province', { target: { receiver: 'loa-0001', epoch: 3 } });
    await spare.takes('loa/v1/receiver/loa-0002/command', await cast.sign(forOld, 'province'));
    t.same(spare.codes(), ['E_COMMAND_TARGET'], 'what was meant for the old one is not for the new one');
    const flood = await cast.sign(cast.emergencySet(old), 'province');
    for (const bench of [old, spare]) await bench.takes(emergencyTopic('province'), flood);
    t.same([old.emergencies(), spare.emergencies()], [['Lũ quét'], ['Lũ quét']]);
    const depot = await cast.assignment(old, {
      epoch: 4,
      body: { home: 'kho', areas: ['kho', 'tinh-01'], groups: [] },
    });
    await old.takes('loa/v1/receiver/loa-0001/assignment', depot);
    t.equal(old.home, 'kho');
    t.same(old.emergencies(), [], 'an old receiver in the depot sounds no emergency of the commune');
    const before = { old: old.opened.length, spare: spare.opened.length };
    await old.takes('loa/v1/receiver/loa-0001/command', await cast.sign(forOld, 'province'));
    const forAll = await cast.sign(cast.play(old), 'province');
    for (const bench of [old, spare]) await bench.takes(COMMAND_TOPIC, forAll);
    t.equal(old.opened.length, before.old, 'neither its own old command nor the commune’s');
    t.equal(spare.opened.length, before.spare + 1);
    t.same(old.codes(), ['E_COMMAND_TARGET', 'E_COMMAND_TARGET', 'E_COMMAND_TARGET']);
  },
);
