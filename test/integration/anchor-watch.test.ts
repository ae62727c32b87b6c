import t from 'tap';
import { readStagedAnchors, stageAnchors } from '../../certs/anchors.js';
import { readIdentity } from '../../certs/load-identity.js';
import { anchorRig } from '../support/anchor-rig.js';

t.test('a vouched set is tried on the broker and in force at once, for everybody who asks', async (t) => {
  const { old, next, province, folder, inForce, watch, told } = await anchorRig(t, 'old', ['old']);
  const changes: string[][] = [];
  inForce.onChange((now, before) =>
    changes.push([now, before].map(({ anchorsPem }) => `${anchorsPem.length}`)),
  );
  await watch.look();
  t.same(told, [], 'the same set is no news');
  province.server.rotate({
    caCertificatesPem: [next.anchorsPem, await old.vouchFor(next), old.anchorsPem],
  });
  await Promise.all([watch.look(), watch.look()]);
  t.same(told, ['notice N_ANCHORS_CHANGED']);
  t.same(changes, [['2', '1']]);
  t.equal(inForce.identity.anchorsPem.join(''), old.anchorsPem + next.anchorsPem);
  t.equal((await readIdentity(folder)).anchorsPem.length, 2, 'and after a restart');
});

t.test(
  'a stolen EST server that offers a foreign authority is one alarm, and nothing is kept of it',
  async (t) => {
    const { old, next, province, folder, inForce, watch, told } = await anchorRig(t, 'old', ['old']);
    province.server.rotate({ caCertificatesPem: [old.anchorsPem, next.anchorsPem] });
    await watch.look();
    await watch.look();
    t.same(told, ['alarm E_IDENTITY_ANCHORS'], 'once, however often it is looked at');
    t.equal(await readStagedAnchors(folder), undefined);
    t.equal(inForce.identity.anchorsPem.length, 1);
    province.server.rotate({ caCertificatesPem: [old.anchorsPem] });
    await watch.look();
    t.same(told.slice(1), ['cleared E_IDENTITY_ANCHORS']);
  },
);

t.test('a set that does not verify the present broker waits with an alarm until it does', async (t) => {
  const made = await anchorRig(t, 'next', ['old', 'next']);
  const { next, province, folder, inForce, watch, told } = made;
  province.server.rotate({ identity: await next.issueServer(), caCertificatesPem: [next.anchorsPem] });
  await watch.look();
  t.same(told, ['alarm E_IDENTITY_ANCHORS']);
  t.equal(inForce.identity.anchorsPem.length, 2, 'what works stays');
  t.equal(await readStagedAnchors(folder), next.anchorsPem, 'what waits is kept');
  await made.brokerOf(next);
  await watch.look();
  t.same(told.slice(1), ['notice N_ANCHORS_CHANGED', 'cleared E_IDENTITY_ANCHORS']);
  t.equal(inForce.identity.anchorsPem.join(''), next.anchorsPem);
});

t.test('a set without the EST server itself is not taken either', async (t) => {
  const made = await anchorRig(t, 'next', ['old', 'next']);
  await made.brokerOf(made.next);
  made.province.server.rotate({ caCertificatesPem: [made.next.anchorsPem] });
  await made.watch.look();
  t.same(made.told, ['alarm E_IDENTITY_ANCHORS'], 'its own certificate is of the old authority still');
  t.equal(made.inForce.identity.anchorsPem.length, 2);
});

t.test('a set that drops the authority of the own certificate waits for a renewal', async (t) => {
  const made = await anchorRig(t, 'old', ['old', 'next']);
  await made.brokerOf(made.next);
  const { next, province, inForce, watch, told, renewalsAsked } = made;
  province.server.rotate({ identity: await next.issueServer(), caCertificatesPem: [next.anchorsPem] });
  await watch.look();
  t.same([renewalsAsked.count, told], [1, []], 'asked for at once, no alarm yet');
  await watch.look();
  t.same([renewalsAsked.count, told], [1, ['alarm E_IDENTITY_ANCHORS']], 'once a day, not in a circle');
  t.equal(inForce.identity.anchorsPem.length, 2);
});

t.test('what cannot be reached is tried again, with one alarm after three times', async (t) => {
  const { old, next, province, folder, watch, told, inForce } = await anchorRig(t, 'old', ['old']);
  await province.server.close();
  for (let look = 0; look < 5; look += 1) await watch.look();
  t.same(told, ['alarm E_ENROL_CONNECT']);
  await stageAnchors(folder, old.anchorsPem + next.anchorsPem);
  await watch.look();
  t.equal(
    inForce.identity.anchorsPem.length,
    2,
    'but what a technician brought does not wait for that server',
  );
});
