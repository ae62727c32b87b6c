import t from 'tap';
import type { TrustDocument } from '../../../protocols/trust-document.js';
import { at, emergencySetWith, nowMs, playStartWith } from '../../fixtures/trust/messages.js';
import { newSigner, signTrust, type Signer } from '../../fixtures/trust/signers.js';
import { assignedRig, TOPIC, type Rig } from './time-rig.js';

const NEWEST = 'loa/v1/trust';

async function threshold2(folder: string): Promise<{ rig: Rig; roots: [Signer, Signer, Signer] }> {
  const roots: [Signer, Signer, Signer] = [await newSigner(), await newSigner(), await newSigner('EdDSA')];
  return { rig: await assignedRig({ folder, roots, threshold: 2 }), roots };
}

const versionOf = (rig: Rig, version: number, parts: Partial<TrustDocument> = {}): TrustDocument => ({
  ...rig.trust,
  version,
  ...parts,
});

t.test(
  'a receiver that was away over four versions, the root changed in between, catches up one by one',
  async (t) => {
    const { rig, roots } = await threshold2(t.testdir());
    const [one, two, three] = roots;
    const four = await newSigner();
    const newRoot = { threshold: 2, keys: [two.jwk, three.jwk, four.jwk] };
    const retained = new Map([
      ['loa/v1/trust/2', await signTrust(versionOf(rig, 2), [one, two])],
      ['loa/v1/trust/3', await signTrust(versionOf(rig, 3, { root: newRoot }), [two, three])],
      ['loa/v1/trust/4', await signTrust(versionOf(rig, 4, { root: newRoot }), [three, four])],
      ['loa/v1/trust/5', await signTrust(versionOf(rig, 5, { root: newRoot }), [two, four])],
    ]);
    const newest = retained.get('loa/v1/trust/5') ?? '';
    t.same(await rig.publish(NEWEST, newest), [], 'the newest first, as a broker may bring it: silent');
    t.equal(rig.intake.trust.version, 1);
    for (let step = 0; step < 10; step += 1) {
      const next = rig.topics().find((topic) => retained.has(topic));
      if (next === undefined) break;
      t.same(await rig.publish(next, retained.get(next) ?? ''), [], next);
    }
    t.equal(rig.intake.trust.version, 5);
    t.same(await rig.publish(NEWEST, newest), [], 'brought again');
    t.equal((await rig.restart()).intake.trust.version, 5);
  },
);

t.test('one stolen root key of three signs nothing, however often', async (t) => {
  const { rig, roots } = await threshold2(t.testdir());
  const [one] = roots;
  const thief = await newSigner();
  const takenOver = versionOf(rig, 2, { root: { threshold: 1, keys: [one.jwk, thief.jwk] } });
  for (const signers of [[one], [one, one], [one, thief]])
    t.same(await rig.publish(NEWEST, await signTrust(takenOver, signers)), ['E_TRUST_SIGNATURE']);
  t.equal(rig.intake.trust.version, 1);
});

t.test('rollback and fork are refused; the version in force with other signatures is silent', async (t) => {
  const { rig, roots } = await threshold2(t.testdir());
  const [one, two, three] = roots;
  const first = await signTrust(rig.trust, [one, two]);
  const second = versionOf(rig, 2, { issuedAt: at(-60) });
  t.same(await rig.publish(NEWEST, await signTrust(second, [one, two])), []);
  t.same(await rig.publish(NEWEST, first), ['E_TRUST_OLD'], 'rollback');
  const fork = versionOf(rig, 2, { authorities: [] });
  t.same(await rig.publish(NEWEST, await signTrust(fork, [one, two])), ['E_TRUST_OLD'], 'fork');
  t.same(await rig.publish(NEWEST, await signTrust(second, [two, three])), []);
  t.equal(rig.intake.trust.version, 2);
});

t.test('a frozen trust document shows through the beat', async (t) => {
  const { rig, roots } = await threshold2(t.testdir());
  await rig.say(TOPIC.beat, rig.beat({ trustVersion: 2 }));
  rig.clock.advance(60_000);
  t.match(rig.events.at(-1), { kind: 'alarm', code: 'E_DOCUMENT_WITHHELD', fields: { document: 'trust' } });
  await rig.publish(NEWEST, await signTrust(versionOf(rig, 2), roots.slice(0, 2)));
  t.match(rig.events.at(-1), { kind: 'cleared', code: 'E_DOCUMENT_WITHHELD' });
});

t.test(
  'a revoked authority is silenced at once, also what it had put in force, and after a restart',
  async (t) => {
    const { rig, roots } = await threshold2(t.testdir());
    await rig.say(TOPIC.emergency, emergencySetWith());
    t.equal(rig.inForce.size, 2);
    const revoked = [{ authority: 'province', since: at(0) }];
    await rig.publish(NEWEST, await signTrust(versionOf(rig, 2, { revoked }), roots.slice(0, 2)));
    t.equal(rig.inForce.size, 0);
    t.same(await rig.say(TOPIC.command, playStartWith()), ['E_AUTHORITY_REVOKED']);
    const again = await rig.restart({ clockMs: nowMs + 60_000 });
    t.equal(again.inForce.size, 0);
  },
);
