import t from 'tap';
import { BeatCover, COVER_LASTS_MS, coveredAreas } from '../../../agent/commands/beat-cover.js';
import type { Beat } from '../../../protocols/messages/beat.js';
import { downTopics } from '../../../protocols/topics.js';
import type { TrustDocument } from '../../../protocols/trust-document.js';
import { assignmentWith, nowMs } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { stepClock } from '../../support/step-clock.js';
import { assignedRig, TOPIC } from './time-rig.js';

const signer = await newSigner();
const province = authorityWith(signer);
const commune = authorityWith(signer, { id: 'commune', homeArea: 'xa-001', level: 10 });
const trusting = (...authorities: TrustDocument['authorities']): TrustDocument =>
  trustWith([signer], { authorities });
const assignment = assignmentWith();
const ABOVE = ['xa-001', 'tinh-01'];
const says = { home: 'thon-01', authority: 'province', areas: ABOVE };

t.test('the province, above all who may give the time, covers the areas that it names', (t) => {
  const trust = trusting(province, commune);
  t.same(coveredAreas(says, { assignment, trust }), ABOVE);
  t.same(coveredAreas({ ...says, areas: ['tinh-01', 'tinh-99'] }, { assignment, trust }), ['tinh-01']);
  t.end();
});

t.test('nobody makes a receiver deaf to the beats of who stands higher, or as high', (t) => {
  const byCommune = { ...says, authority: 'commune' };
  t.same(coveredAreas(byCommune, { assignment, trust: trusting(province, commune) }), []);
  const other = authorityWith(signer, { id: 'other', homeArea: 'tinh-01' });
  t.same(coveredAreas(says, { assignment, trust: trusting(province, other) }), [], 'two of one level');
  const elsewhere = authorityWith(signer, { id: 'other', homeArea: 'tinh-99', level: 90 });
  t.same(
    coveredAreas(says, { assignment, trust: trusting(province, elsewhere) }),
    ABOVE,
    'not of this place',
  );
  const speaker = authorityWith(signer, {
    level: 90,
    id: 'o',
    grants: [grantWith({ messages: ['play.start'] })],
  });
  t.same(coveredAreas(says, { assignment, trust: trusting(province, speaker) }), ABOVE, 'gives no time');
  t.end();
});

t.test('a covering does not outlast the assignment or the authority', (t) => {
  const trust = trusting(province);
  t.same(coveredAreas(says, { assignment: assignmentWith({}, { home: 'xa-001' }), trust }), []);
  t.same(coveredAreas(says, { assignment: undefined, trust }), []);
  t.same(coveredAreas(says, { assignment, trust: trusting(commune) }), []);
  t.end();
});

function cover() {
  const clock = stepClock(nowMs);
  const changes: string[][] = [];
  const standing = () => ({ assignment, trust: trusting(province) });
  const watched: BeatCover = new BeatCover({
    clock,
    standing,
    onChange: () => changes.push(watched.heard()),
  });
  const beat = (atMs: number, parts: Partial<Beat> = {}): Beat => ({
    ...{ type: 'beat', authority: 'province', slot: { area: 'thon-01' }, at: new Date(atMs).toISOString() },
    ...{ trustVersion: 1, documents: [], covers: ABOVE, ...parts },
  });
  return { clock, changes, watched, beat };
}

t.test(
  'the beats above are left while the home area covers them, and heard again when it stays away',
  (t) => {
    const { clock, changes, watched, beat } = cover();
    t.same(watched.heard(), ['thon-01', ...ABOVE], 'at first all');
    watched.take(beat(clock.nowMs()));
    t.same(changes, [['thon-01']]);
    clock.advance(900_000);
    watched.take(beat(clock.nowMs()));
    clock.advance(COVER_LASTS_MS - 1);
    t.same(changes.length, 1, 'held by the later one');
    clock.advance(2);
    t.same(changes.at(-1), ['thon-01', ...ABOVE]);
    watched.close();
    t.end();
  },
);

t.test('a beat that covers no more brings the others back at once', (t) => {
  const { clock, changes, watched, beat } = cover();
  watched.take(beat(clock.nowMs()));
  watched.take(beat(clock.nowMs() + 1_000, { covers: ['tinh-02'] }));
  t.same(changes.at(-1), ['thon-01', ...ABOVE]);
  watched.close();
  t.end();
});

t.test('a copy of an old beat, or another area, vouches for nothing', (t) => {
  const { clock, changes, watched, beat } = cover();
  watched.take(beat(nowMs, { slot: { area: 'tinh-01' } }));
  t.equal(watched.vouchedMs, -Infinity);
  t.same(changes, []);
  watched.take(beat(nowMs));
  clock.advance(COVER_LASTS_MS + 1);
  const told = changes.length;
  watched.take(beat(nowMs));
  t.equal(watched.vouchedMs, nowMs);
  t.equal(changes.length, told, 'the same again covers no more');
  watched.take(beat(nowMs + 1_000));
  t.same(watched.heard().length, 1, 'a newer one does, for what is left of its time');
  clock.advance(1_001);
  t.same(watched.heard().length, 3);
  watched.close();
  t.end();
});

t.test('the home area’s beat alone shows that an emergency of the province is withheld', async (t) => {
  const rig = await assignedRig({ t, folder: await temporaryFolder(t) });
  const documents = [{ key: 'emergency/area/tinh-01/province', epoch: 0, revision: 3 }];
  const slot = { area: 'thon-01' };
  t.same(await rig.say(downTopics.beat('thon-01'), rig.beat({ slot, documents, covers: ABOVE })), []);
  t.same(rig.intake.heard(), ['thon-01']);
  t.same(
    rig.topics().filter((topic) => topic.includes('/beat')),
    [TOPIC.beat, 'loa/v1/beat/thon-01'],
  );
  rig.clock.advance(61_000);
  t.match(rig.events.at(-1), {
    kind: 'alarm',
    code: 'E_DOCUMENT_WITHHELD',
    fields: { document: documents[0]?.key },
  });
});
