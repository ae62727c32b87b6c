import t from 'tap';
import type { MirrorAnswer } from '../../../agent/link/mirror-fetch.js';
import { MirrorRounds, ROUND_REQUESTS, type OfferOutcome } from '../../../agent/link/mirror-rounds.js';
import { mirrorPath } from '../../../protocols/mirror.js';
import type { TrustDocument } from '../../../protocols/trust-document.js';
import { authorityWith, newSigner, trustWith } from '../../fixtures/trust/signers.js';
import { ManualClock } from '../../support/manual-clock.js';

const signer = await newSigner();
const AREAS = ['thon-01', 'xa-001', 'tinh-01'];
const EMERGENCY = 'loa/v1/area/xa-001/emergency/province';

/** A receiver and a mirror of answers by topic. */
class Rig {
  readonly clock = new ManualClock();
  readonly asked: { topic: string; etag: string | undefined }[] = [];
  readonly offered: string[] = [];
  readonly odd: string[] = [];
  readonly answers = new Map<string, MirrorAnswer>();
  outcome: OfferOutcome = 'accepted';
  context = 'one';
  awaited: string[] = [];
  trust: TrustDocument = trustWith([signer], { authorities: [authorityWith(signer)] });
  readonly rounds = new MirrorRounds({
    here: {
      receiver: 'loa-0001',
      trust: () => this.trust,
      areas: () => AREAS,
      awaited: () => this.awaited,
      context: () => this.context,
      offer: async (topic) => {
        this.offered.push(topic);
        const version = /trust\/(\d+)$/.exec(topic)?.[1];
        if (version !== undefined) this.trust = { ...this.trust, version: Number(version) };
        return this.outcome;
      },
    },
    clock: this.clock,
    onOdd: (topic) => void this.odd.push(topic),
  });

  has(topic: string, text: string, etag: string | undefined = `"${text}"`): void {
    this.answers.set(mirrorPath(topic), { kind: 'document', bytes: Buffer.from(text), etag });
  }

  round() {
    this.asked.length = 0;
    this.offered.length = 0;
    return this.rounds.run(async (path, etag) => {
      this.asked.push({ topic: path.replace(/\.jws$/, ''), etag });
      const answer = this.answers.get(path) ?? { kind: 'absent' };
      return answer.kind === 'document' && answer.etag !== undefined && answer.etag === etag
        ? { kind: 'same' }
        : answer;
    });
  }

  topics(): string[] {
    return this.asked.map(({ topic }) => topic);
  }
}

t.test(
  'a round asks for the next trust document, assignment, beats and the slots of who may speak',
  async (t) => {
    const rig = new Rig();
    rig.has(EMERGENCY, 'flood');
    t.same(await rig.round(), { kind: 'answered', news: true });
    t.same(rig.topics(), [
      'loa/v1/trust/2',
      'loa/v1/receiver/loa-0001/assignment',
      'loa/v1/receiver/loa-0001/beat',
      ...AREAS.map((area) => `loa/v1/beat/${area}`),
      ...AREAS.map((area) => `loa/v1/area/${area}/emergency/province`),
      'loa/v1/receiver/loa-0001/emergency/province',
      'loa/v1/receiver/loa-0001/desired',
      ...AREAS.map((area) => `loa/v1/area/${area}/schedule/province`),
      'loa/v1/receiver/loa-0001/schedule/province',
    ]);
    t.same(rig.offered, [EMERGENCY]);
  },
);

t.test('several versions of the trust document are caught up with in one round, in order', async (t) => {
  const rig = new Rig();
  for (const version of [2, 3, 4]) rig.has(`loa/v1/trust/${version}`, `trust ${version}`);
  await rig.round();
  t.same(rig.topics().slice(0, 5), [
    ...[2, 3, 4, 5].map((version) => `loa/v1/trust/${version}`),
    'loa/v1/receiver/loa-0001/assignment',
  ]);
});

t.test('what was taken is asked for with its ETag, and is not taken twice', async (t) => {
  const rig = new Rig();
  rig.has(EMERGENCY, 'flood');
  await rig.round();
  t.same(await rig.round(), { kind: 'answered', news: false });
  t.equal(rig.asked.find(({ topic }) => topic === EMERGENCY)?.etag, '"flood"');
  t.same(rig.offered, []);
  rig.answers.set(mirrorPath(EMERGENCY), { kind: 'document', bytes: Buffer.from('flood'), etag: undefined });
  await rig.round();
  t.same(rig.offered, [], 'nor from a server that knows no ETags');
  rig.has(EMERGENCY, 'its end');
  await rig.round();
  t.same(rig.offered, [EMERGENCY]);
});

t.test(
  'what was refused is offered again when trust, assignment or clock are others, or after ten minutes',
  async (t) => {
    const rig = new Rig();
    rig.outcome = 'refused';
    rig.has(EMERGENCY, 'flood');
    await rig.round();
    await rig.round();
    t.same(rig.offered, []);
    rig.context = 'two';
    await rig.round();
    t.same(rig.offered, [EMERGENCY]);
    rig.clock.advance(10 * 60_000);
    await rig.round();
    t.same(rig.offered, [EMERGENCY]);
  },
);

t.test('what could not be kept for a fault of our own is offered again in the next round', async (t) => {
  const rig = new Rig();
  rig.outcome = 'failed';
  rig.has(EMERGENCY, 'flood');
  await rig.round();
  await rig.round();
  t.same(rig.offered, [EMERGENCY]);
});

t.test('a round has 64 questions, and every slot has its turn in one of the next', async (t) => {
  const rig = new Rig();
  const authorities = Array.from({ length: 40 }, (_, n) => authorityWith(signer, { id: `office-${n}` }));
  rig.trust = { ...rig.trust, authorities };
  rig.has('loa/v1/receiver/loa-0001/assignment', 'here');
  const seen = new Set<string>();
  for (let n = 0; n < 3; n += 1) {
    await rig.round();
    t.equal(rig.asked.length, ROUND_REQUESTS);
    for (const topic of rig.topics()) seen.add(topic);
  }
  t.equal([...seen].filter((topic) => topic.includes('/emergency/')).length, 40 * 4);
});

t.test('odd answers are told once each, and do not hold up the others', async (t) => {
  const rig = new Rig();
  rig.answers.set(mirrorPath('loa/v1/trust/2'), { kind: 'odd', why: 'redirected (302)' });
  rig.has(EMERGENCY, 'flood');
  await rig.round();
  await rig.round();
  t.same(rig.odd, ['loa/v1/trust/2']);
  rig.answers.delete(mirrorPath('loa/v1/trust/2'));
  await rig.round();
  rig.answers.set(mirrorPath('loa/v1/trust/2'), { kind: 'odd', why: 'empty' });
  await rig.round();
  t.equal(rig.odd.length, 2, 'again, once it was right in between');
});

t.test('a server that has nothing of ours is no answer; one that fails is not asked on', async (t) => {
  const rig = new Rig();
  t.match(await rig.round(), { kind: 'failed', why: { code: 'E_MIRROR_UNREACHABLE' } });
  const why = { code: 'E_MIRROR_UNREACHABLE', detail: 'busy' } as const;
  rig.answers.set(mirrorPath('loa/v1/trust/2'), { kind: 'failed', why, retryAfterMs: 7_000 });
  t.match(await rig.round(), { kind: 'failed', retryAfterMs: 7_000 });
  t.equal(rig.asked.length, 1);
});
