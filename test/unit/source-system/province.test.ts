import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { authorise } from '../../../protocols/authorise.js';
import { KeyRing } from '../../../protocols/key-ring.js';
import { readSigned, type SignedMessage } from '../../../protocols/signed-message.js';
import { parseDownTopic } from '../../../protocols/topics.js';
import { verifyTrust } from '../../../protocols/trust-document.js';
import { Province, withDesired, type Publication } from '../../source-system/province.js';
import { newPrivateJwk, signerOf } from '../../source-system/signer.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

const source = { kind: 'live', url: 'https://localhost/live/news' } as const;
const forHamlet = { target: { area: 'ap-1' }, source, title: 'Bản tin sáng' } as const;

async function open(t: Teardown) {
  const clock = new ManualClock();
  const folder = await temporaryFolder(t);
  const province = await Province.open(folder, clock);
  const ring = await KeyRing.of(province.trust);
  return { clock, folder, province, ring };
}

async function read({ payload }: Publication, ring: KeyRing): Promise<SignedMessage> {
  const read = readSigned(Buffer.from(payload), ring);
  if (!read.ok) throw new Error(`${read.refusal.code}: ${read.refusal.detail}`);
  return read.value;
}

t.test('the trust document holds against the fingerprint and not against another', async (t) => {
  const { province } = await open(t);
  const { trustText, rootFingerprint } = province;
  t.equal((await verifyTrust(trustText, { fingerprint: rootFingerprint })).ok, true);
  t.equal((await verifyTrust(trustText, { fingerprint: '0'.repeat(64) })).ok, false);
});

t.test('a receiver of a hamlet accepts assignment, play, stop and emergency of those above it', async (t) => {
  const { province, ring, clock } = await open(t);
  const assignment = await province.assign('rx-1', 'ap-1');
  const standing = { receiver: 'rx-1', assignment: assignment.message, nowMs: clock.nowMs() };
  t.same(assignment.message.body.areas, ['ap-1', 'tan-hoa', 'vinh-long']);
  const play = await province.playStart('tan-hoa', { ...forHamlet, class: 'priority' });
  const { playId } = play.message.body;
  for (const [publication, topic] of [
    [assignment, 'loa/v1/receiver/rx-1/assignment'],
    [play, 'loa/v1/area/ap-1/command'],
    [
      await province.playStart('province', { ...forHamlet, target: { receiver: 'rx-1' } }),
      'loa/v1/receiver/rx-1/command',
    ],
    [await province.playStop('tan-hoa', { target: { area: 'ap-1' }, playId }), 'loa/v1/area/ap-1/command'],
    [
      await province.emergencyAdd('tan-hoa', { area: 'ap-1' }, { title: 'Lũ', content: [source] }),
      'loa/v1/area/ap-1/emergency/tan-hoa',
    ],
  ] as const) {
    t.equal(publication.topic, topic);
    t.not(parseDownTopic(topic), undefined);
    const { message, key } = await read(publication, ring);
    t.same(authorise(message, key, standing), { ok: true, value: undefined }, message.type);
  }
});

t.test("a commune's command for its neighbour is signed, and refused for its area", async (t) => {
  const { province, ring, clock } = await open(t);
  const assignment = (await province.assign('rx-1', 'ap-1')).message;
  const { message, key } = await read(await province.playStart('an-phu', forHamlet), ring);
  const verdict = authorise(message, key, { receiver: 'rx-1', assignment, nowMs: clock.nowMs() });
  t.match(verdict, { ok: false, refusal: { code: 'E_AUTHORITY_AREA' } });
});

t.test(
  'a receiver may sound all day unless the province says otherwise, beside its assignment',
  async (t) => {
    const { province, ring } = await open(t);
    const assignment = await province.assign('rx-1', 'ap-1');
    const [first, second] = await withDesired(province, assignment);
    t.equal(first, assignment);
    const wholeDay = [{ from: '00:00', to: '24:00' }];
    const { message } = await read(second as Publication, ring);
    t.match(message, {
      type: 'desired',
      body: { permittedHours: { normal: wholeDay, priority: wholeDay } },
    });
    const beat = await province.beat({ receiver: 'rx-1' });
    t.match((await read(beat, ring)).message, {
      documents: [{}, { key: 'desired/receiver/rx-1', revision: 1 }],
    });
    const quiet = { permittedHours: { normal: [], priority: [] } };
    await province.desired('rx-1', quiet);
    await province.assign('rx-1', 'ap-2');
    const now = await read((await province.desiredNow('rx-1')) as Publication, ring);
    t.match(now.message, { revision: 2, body: quiet }, 'a later assignment leaves it as it is');
    t.same(await withDesired(province, second as Publication), [second]);
  },
);

t.test('a commune may not assign', async (t) => {
  const { province } = await open(t);
  const grants = province.trust.authorities.find(({ id }) => id === 'tan-hoa')?.grants ?? [];
  t.notOk(grants.some(({ messages }) => messages.includes('assignment')));
  t.ok(grants.some(({ messages }) => messages.includes('play.start')));
});

t.test('a forged command is refused for its key, a changed one for its signature or schema', async (t) => {
  const { province, ring } = await open(t);
  const stranger = await signerOf(await newPrivateJwk());
  const codeOf = async ({ payload }: Publication) => {
    const read = readSigned(Buffer.from(payload), ring);
    return read.ok ? 'accepted' : read.refusal.code;
  };
  t.equal(
    await codeOf(await province.playStart('tan-hoa', forHamlet, { signer: stranger })),
    'E_SIGNATURE_KEY',
  );
  const swapped = { ...stranger, kid: province.signer('tan-hoa').kid };
  t.equal(
    await codeOf(await province.playStart('tan-hoa', forHamlet, { signer: swapped })),
    'E_SIGNATURE_INVALID',
  );
  const alter = (message: Record<string, unknown>) => ({ ...message, type: 'reactor.start' });
  t.equal(await codeOf(await province.playStart('tan-hoa', forHamlet, { alter })), 'E_MESSAGE_TYPE');
});

t.test('an assignment has a newer revision each time, and a new epoch when the receiver moves', async (t) => {
  const { province } = await open(t);
  const said = [];
  for (const home of ['ap-1', 'ap-1', 'ap-3']) {
    const { revision, epoch } = (await province.assign('rx-1', home)).message;
    said.push([revision, epoch]);
  }
  t.same(said, [
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
  const { target } = (await province.playStart('province', { ...forHamlet, target: { receiver: 'rx-1' } }))
    .message;
  t.same(target, { receiver: 'rx-1', epoch: 2 });
  await t.rejects(province.assign('rx-1', 'atlantis'), { code: 'E_USAGE' });
});

t.test(
  'emergencies are kept per slot: added, cancelled, ended by themselves, each with the next revision',
  async (t) => {
    const { province, clock } = await open(t);
    const slot = { area: 'ap-1' };
    const request = { title: 'Lũ', content: [source] };
    const first = await province.emergencyAdd('tan-hoa', slot, { ...request, forMs: 60_000 });
    const second = await province.emergencyAdd('tan-hoa', slot, { ...request, title: 'Bão', forMs: 600_000 });
    t.same(
      second.message.body.emergencies.map(({ title }) => title),
      ['Lũ', 'Bão'],
    );
    t.equal((await province.emergencyAdd('tan-hoa', { area: 'ap-2' }, request)).message.revision, 1);
    const id = first.message.body.emergencies[0]?.id ?? '';
    const third = await province.emergencyCancel('tan-hoa', slot, id);
    t.same(
      third.message.body.emergencies.map(({ title }) => title),
      ['Bão'],
    );
    t.same(
      [first, second, third].map(({ message }) => message.revision),
      [1, 2, 3],
    );
    await t.rejects(province.emergencyCancel('tan-hoa', slot, id), { code: 'E_USAGE' });
    clock.advance(600_000);
    t.same(await province.emergencies('tan-hoa', slot), []);
    t.same((await province.emergencyCancel('tan-hoa', slot)).message.body.emergencies, []);
  },
);

t.test('another process that opens the folder goes on with the same keys, revisions and plays', async (t) => {
  const { province, folder, clock, ring } = await open(t);
  await province.assign('rx-1', 'ap-1');
  const slot = { area: 'ap-1' };
  await province.emergencyAdd('tan-hoa', slot, { title: 'Lũ', content: [source] });
  const { playId } = (await province.playStart('tan-hoa', forHamlet)).message.body;
  const other = await Province.open(folder, clock);
  t.equal(other.rootFingerprint, province.rootFingerprint);
  t.equal((await other.assign('rx-1', 'ap-1')).message.revision, 2);
  t.equal((await province.emergencySet('tan-hoa', slot, [])).message.revision, 2);
  await province.schedule('tan-hoa', slot, { entries: [] });
  t.equal((await other.schedule('tan-hoa', slot, { entries: [] })).message.revision, 2);
  t.match(await other.plays(), [{ playId, authority: 'tan-hoa', target: { area: 'ap-1' } }]);
  const retained = await other.retained();
  t.same(
    retained.map(({ topic }) => topic),
    [
      'loa/v1/trust',
      'loa/v1/trust/1',
      'loa/v1/receiver/rx-1/assignment',
      'loa/v1/receiver/rx-1/desired',
      'loa/v1/area/ap-1/emergency/tan-hoa',
      'loa/v1/area/ap-1/schedule/tan-hoa',
    ],
  );
  for (const publication of retained.slice(2)) await read(publication, ring);
});

t.test('private keys are readable by their owner alone', async (t) => {
  const { folder } = await open(t);
  const names = await readdir(join(folder, 'keys'));
  t.equal(names.length, 4);
  for (const name of names) t.equal((await stat(join(folder, 'keys', name))).mode & 0o777, 0o600, name);
});

t.test('an authority that does not exist is a usage error that names those there are', async (t) => {
  const { province } = await open(t);
  await t.rejects(province.playStart('nobody', forHamlet), {
    code: 'E_USAGE',
    message: /province, tan-hoa, an-phu/,
  });
});
