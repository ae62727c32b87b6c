import t from 'tap';
import { Programme } from '../../../agent/programme/programme.js';
import type { SoundingMemory } from '../../../agent/programme/emergency-plan.js';
import type { PlayOutcome, PlaySpec, PlayTally } from '../../../agent/sound/messages.js';
import type { Emergency, EmergencySet } from '../../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../../protocols/messages/play.js';
import { receipt, type EventBody, type Receipt } from '../../../protocols/messages/up.js';
import type { Authority } from '../../../protocols/trust-document.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { at, emergencySetWith, nowMs, playStartWith, playStopWith } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, uuidOf } from '../../fixtures/trust/signers.js';

const signer = await newSigner();
const province = authorityWith(signer);
const commune = authorityWith(signer, { id: 'xa-001', homeArea: 'xa-001', level: 10 });
const neighbour = authorityWith(signer, { id: 'xa-002', homeArea: 'xa-002', level: 10 });

interface Rig {
  readonly programme: Programme;
  readonly clock: ManualClock;
  readonly opened: PlaySpec[];
  readonly closed: string[];
  readonly order: () => readonly string[];
  readonly receipts: Receipt['body'][];
  readonly events: EventBody[];
  readonly memories: SoundingMemory[];
  /** The engine says that a play has ended. */
  end(playId: string, parts?: Partial<PlayTally>): void;
}

/** A programme on an engine that does nothing by itself; what is closed ends at once unless `lazy`. */
function rigOf(options: { memory?: SoundingMemory; lazy?: boolean } = {}): Rig {
  const clock = new ManualClock({ nowMs });
  const opened: PlaySpec[] = [];
  const closed: string[] = [];
  const receipts: Receipt['body'][] = [];
  const events: EventBody[] = [];
  const memories: SoundingMemory[] = [];
  let order: readonly string[] = [];
  let ids = 0;
  const end = (playId: string, parts: Partial<PlayTally> = {}): void =>
    programme.onSound({ kind: 'ended', tally: { ...tallyOf(playId), ...parts } });
  const programme: Programme = new Programme({
    engine: {
      open: (spec) => opened.push(spec),
      order: (playIds) => {
        order = playIds;
      },
      close: (playId: string, outcome: PlayOutcome) => {
        closed.push(`${playId} ${outcome}`);
        if (options.lazy !== true) queueMicrotask(() => end(playId, { outcome }));
      },
    },
    clock,
    log: new KeptLog(),
    newId: () => uuidOf(`own ${(ids += 1)}`),
    memory: options.memory ?? {},
    listener: {
      onReceipt: (body) => receipts.push(body),
      onEvent: (body) => events.push(body),
      onSounded: (memory) => memories.push(memory),
    },
  });
  return { programme, clock, opened, closed, order: () => order, receipts, events, memories, end };
}

function tallyOf(playId: string): PlayTally {
  return {
    playId,
    outcome: 'completed',
    failure: undefined,
    framesHeard: 0,
    spans: [],
    peakDb: undefined,
    rmsDbBySecond: [],
    underruns: 0,
    reconnects: 0,
    pcmSha256: undefined,
    evidence: 'none',
  };
}

const start = (
  label: string,
  body: Partial<PlayStart['body']> = {},
  parts: Partial<PlayStart> = {},
): PlayStart =>
  playStartWith({ id: uuidOf(`command ${label}`), ...parts }, { playId: uuidOf(label), ...body });
const stop = (label: string): PlayStop => playStopWith({ body: { playId: uuidOf(label) } });
const emergency = (label: string, parts: Partial<Emergency> = {}): Emergency => ({
  ...(emergencySetWith().body.emergencies[0] as Emergency),
  id: uuidOf(label),
  ...parts,
});
const setOf = (...emergencies: Emergency[]): EmergencySet => emergencySetWith({ body: { emergencies } });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
    source: { kind: 'live', url: 'https://media.example/live.mp3', binding: 'tls' },
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
