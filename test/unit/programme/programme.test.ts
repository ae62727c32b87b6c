import t from 'tap';
import type { PlayStart } from '../../../protocols/messages/play.js';
import { receipt } from '../../../protocols/messages/up.js';
import type { Authority } from '../../../protocols/trust-document.js';
import { at, nowMs, playStartWith, playStopWith } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, uuidOf, newSigner } from '../../fixtures/trust/signers.js';
import {
  rigOf,
  start,
  stop,
  emergency,
  setOf,
  settled,
  province,
  commune,
  neighbour,
} from './programme-rig.js';

const signer = await newSigner();

t.test('a bulletin is opened and ordered; its lease ends it without any stop', async (t) => {
  const { programme, clock, opened, closed, order, receipts } = rigOf();
  t.same(programme.play(start('a'), province), { ok: true, value: 'taken' });
  t.match(opened, [{ playId: uuidOf('a'), chimeFirst: false, gainDb: 0, startAtMs: undefined }]);
  t.same(order(), [uuidOf('a')]);
  clock.advance(59_999);
  t.same(closed, []);
  clock.advance(1);
  t.same(closed, [`${uuidOf('a')} lease-ended`]);
  await settled();
  t.match(receipts, [{ playId: uuidOf('a'), commandId: uuidOf('command a'), outcome: 'lease-ended' }]);
  t.same(order(), []);
});

t.test('a wall clock that steps neither lengthens nor shortens a lease', async (t) => {
  const { programme, clock, closed } = rigOf();
  programme.play(start('a'), province);
  clock.stepWall(-3_600_000);
  clock.advance(59_000);
  t.same(closed, []);
  clock.advance(1_000);
  t.equal(closed.length, 1);
});

t.test('another command just before its end does not make a lease longer', async (t) => {
  const { programme, clock, closed } = rigOf();
  programme.play(start('a'), province);
  clock.advance(59_990);
  programme.play(start('b', { until: at(600) }), province);
  clock.advance(10);
  t.same(closed, [`${uuidOf('a')} lease-ended`]);
});

t.test('startAt is handed on as an instant that no clock step moves', async (t) => {
  const { programme, clock, opened } = rigOf();
  programme.play(start('a', { startAt: at(30) }), province);
  t.equal(opened[0]?.startAtMs, clock.monotonicMs() + 30_000);
});

t.test('its authority renews a lease, and the play is not opened twice', async (t) => {
  const { programme, clock, opened, closed } = rigOf();
  programme.play(start('a'), province);
  clock.advance(30_000);
  t.same(programme.play(start('a', { until: at(120) }), province), { ok: true, value: 'renewed' });
  t.equal(opened.length, 1);
  clock.advance(60_000);
  t.same(closed, []);
  clock.advance(30_000);
  t.same(closed, [`${uuidOf('a')} lease-ended`]);
});

t.test('another authority, be it a higher one, cannot renew', async (t) => {
  const { programme } = rigOf();
  programme.play(start('a'), commune);
  for (const other of [province, neighbour]) {
    t.match(programme.play(start('a', { until: at(600) }), other), {
      ok: false,
      refusal: { code: 'E_COMMAND_STOP' },
    });
  }
});

t.test('a chain of renewals ends at the longest play granted, counted from the first start', async (t) => {
  const { programme, clock, closed } = rigOf();
  const short = authorityWith(signer, { grants: [grantWith({ longestPlayMs: 120_000 })] });
  programme.play(start('a', { until: at(100) }, { issuedAt: at(0) }), short);
  clock.advance(90_000);
  const renewed = (until: number): unknown =>
    programme.play(start('a', { until: at(until) }, { issuedAt: at(90) }), short);
  t.match(renewed(121), { ok: false, refusal: { code: 'E_AUTHORITY_GRANT' } });
  t.match(renewed(120), { ok: true });
  clock.advance(30_000);
  t.same(closed, [`${uuidOf('a')} lease-ended`]);
});

t.test('renewals count from startAt, and only a grant that allows the very play counts', async (t) => {
  const stored = { kind: 'stored', name: 'siren' } as const;
  const grants: Authority['grants'] = [
    grantWith({ longestPlayMs: 60_000 }),
    grantWith({ longestPlayMs: 600_000, maxClass: 'normal', content: 'stored' }),
    grantWith({ longestPlayMs: 3_600_000, messages: ['emergency.set'] }),
  ];
  const authority = authorityWith(signer, { grants });
  const cases: readonly [string, Partial<PlayStart['body']>, number, boolean][] = [
    ['within the first grant', { startAt: at(10) }, 70, true],
    ['beyond it', { startAt: at(10) }, 71, false],
    ['stored and normal', { source: stored }, 590, true],
    ['stored but priority', { source: stored, class: 'priority' }, 590, false],
    ['stored, beyond every grant for playing', { source: stored }, 700, false],
  ];
  for (const [what, body, until, allowed] of cases) {
    const { programme } = rigOf();
    programme.play(start('a', body, { issuedAt: at(0) }), authority);
    t.equal(programme.play(start('a', { ...body, until: at(until) }), authority).ok, allowed, what);
  }
});

t.test('what is ending is not renewed: a stop stays a stop', async (t) => {
  const { programme, end } = rigOf({ lazy: true });
  programme.play(start('a'), province);
  programme.stop(stop('a'), province);
  t.match(programme.play(start('a', { until: at(120) }), province), { ok: false });
  end(uuidOf('a'), { outcome: 'stopped' });
  t.match(programme.play(start('a'), province), { ok: true, value: 'taken' }, 'once ended, it is a new play');
});

t.test('the same authority and a higher one may stop; an equal or lower one may not', async (t) => {
  for (const [by, allowed] of [
    [commune, true],
    [province, true],
    [neighbour, false],
  ] as const) {
    const { programme, closed } = rigOf();
    programme.play(start('a'), commune);
    t.equal(programme.stop(stop('a'), by).ok, allowed, by.id);
    t.equal(closed.length, allowed ? 1 : 0);
  }
  const { programme } = rigOf();
  programme.play(start('a'), province);
  t.match(programme.stop(stop('a'), commune), { ok: false, refusal: { code: 'E_COMMAND_STOP' } });
});

t.test('stopping what is not there is refused, and an emergency is not stopped by play.stop', async (t) => {
  const { programme, opened } = rigOf();
  t.match(programme.stop(stop('a'), province), { ok: false, refusal: { code: 'E_COMMAND_STOP' } });
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  const body = { playId: opened[0]?.playId ?? '' };
  t.match(programme.stop(playStopWith({ body }), province), { ok: false });
  t.match(
    programme.play(playStartWith({}, { ...body, until: at(3_000) }), province),
    { ok: false },
    'nor renewed',
  );
});

t.test(
  'a commune that uses the id of the province’s emergency neither replaces nor silences it',
  async (t) => {
    const siren = [{ kind: 'stored', name: 'siren' } as const];
    const { programme, opened, order } = rigOf();
    programme.setEmergencies('commune', setOf(emergency('e', { content: siren, status: 'actual' })), commune);
    programme.setEmergencies('province', setOf(emergency('e')), province);
    t.equal(opened.length, 2);
    const ofProvince = opened.find(({ chain }) => chain.length === 2);
    t.equal(order()[0], ofProvince?.playId, 'and the province’s is heard first');
    programme.setEmergencies('commune', setOf(emergency('e', { status: 'test' })), commune);
    t.same(
      programme.emergenciesInForce().map(({ authority }) => authority),
      ['province'],
    );
  },
);

t.test('eight bulletins wait at most; emergencies and a tone are beside them', async (t) => {
  const { programme, opened } = rigOf();
  t.ok(programme.localTone({ kind: 'tone', frequencyHz: 1_000, durationMs: 3_000, level: 0.1 }).ok);
  for (let i = 0; i < 8; i += 1) t.ok(programme.play(start(`b${i}`), province).ok);
  t.match(programme.play(start('b8'), province), { ok: false, refusal: { code: 'E_COMMAND_BUSY' } });
  programme.setEmergencies('slot', setOf(emergency('e')), province);
  t.equal(opened.length, 10);
});

t.test('a local tone is of the lowest class, one at a time, and ends by itself', async (t) => {
  const { programme, clock, order, closed } = rigOf({ lazy: true });
  const tone = { kind: 'tone', frequencyHz: 1_000, durationMs: 3_000, level: 0.1 } as const;
  const first = programme.localTone(tone);
  t.match(programme.localTone(tone), { ok: false, refusal: { code: 'E_LOCAL_LIMIT' } });
  programme.play(start('a'), commune);
  t.same(order(), [uuidOf('a'), first.ok ? first.value : '']);
  clock.advance(4_000);
  t.equal(closed.length, 1);
});

for (const onInterrupt of ['resume', 'rejoin', 'drop'] as const) {
  t.test(`what a file does when interrupted is handed on: ${onInterrupt}`, async (t) => {
    const { programme, opened } = rigOf();
    const source = { kind: 'file', url: 'https://m.example/a', sha256: 'a'.repeat(64), onInterrupt } as const;
    programme.play(start('a', { source }), province);
    t.equal(opened[0]?.onInterrupt, onInterrupt);
  });
}

t.test('a receipt says what the account of the sink says, and fits its schema', async (t) => {
  const { programme, clock, receipts, end } = rigOf();
  programme.play(start('a'), province);
  programme.onSound({ kind: 'began', playId: uuidOf('a'), atMs: nowMs + 250 });
  clock.advance(5_000);
  end(uuidOf('a'), {
    outcome: 'failed',
    failure: { code: 'E_MEDIA_STALL', detail: 'x' },
    framesHeard: 4_800,
    spans: [{ fromFrame: 100, toFrame: 4_900, fromMs: nowMs + 250, part: 'main' }],
    peakDb: -3.1,
    rmsDbBySecond: [-20],
    underruns: 2,
    reconnects: 3,
    pcmSha256: 'b'.repeat(64),
    evidence: 'consumed',
  });
  const wanted = {
    playId: uuidOf('a'),
    commandId: uuidOf('command a'),
    authority: 'province',
    source: { kind: 'live', url: 'https://media.example/live.mp3', binding: 'tls-host' },
    askedAt: at(0),
    firstSampleAt: at(0.25),
    endedAt: at(5),
    outcome: 'failed',
    code: 'E_MEDIA_STALL',
    framesHeard: 4_800,
    spans: [{ fromFrame: 100, toFrame: 4_900, fromAt: at(0.25), part: 'main' }],
    peakDb: -3.1,
    underruns: 2,
    reconnects: 3,
    pcmSha256: 'b'.repeat(64),
    evidence: 'consumed',
  };
  t.match(receipts, [wanted]);
  t.ok(receipt.shape.body.safeParse(receipts[0]).success);
});

t.test('each kind of trouble of a play is told once', async (t) => {
  const { programme, events } = rigOf();
  programme.play(start('a'), province);
  for (const code of ['E_MEDIA_STALL', 'E_MEDIA_STALL', 'E_MEDIA_CONNECT', 'E_MEDIA_STALL'] as const) {
    programme.onSound({ kind: 'trouble', playId: uuidOf('a'), refusal: { code, detail: 'x' } });
  }
  t.same(
    events.map(({ code }) => code),
    ['E_MEDIA_STALL', 'E_MEDIA_CONNECT'],
  );
});

t.test('who is on air, and for how long today, follows the engine', async (t) => {
  const { programme, clock } = rigOf();
  programme.play(start('a', { until: at(3_000) }), province);
  t.equal(programme.onAir(), undefined);
  programme.onSound({ kind: 'air', playId: uuidOf('a') });
  t.match(programme.onAir(), { playId: uuidOf('a'), class: 'normal', authority: 'province' });
  clock.advance(90_000);
  programme.onSound({ kind: 'air', playId: undefined });
  clock.advance(90_000);
  t.equal(programme.onAir(), undefined);
  t.equal(programme.secondsOnAirToday(), 90);
  clock.advance(14 * 3_600_000);
  t.equal(programme.secondsOnAirToday(), 0, 'a new day in Vietnam begins at 17:00 UTC');
});

t.test('accounts of plays that it does not know change nothing', async (t) => {
  const { end, receipts } = rigOf();
  end(uuidOf('stranger'));
  t.same(receipts, []);
});
