import t from 'tap';
import { accepted, refused, type Outcome } from '../../../agent/core/errors.js';
import { PathTest, type SilentPlay } from '../../../agent/programme/path-test.js';
import type { PlayTally } from '../../../agent/sound/messages.js';
import type { EventBody } from '../../../protocols/messages/up.js';
import { ManualClock } from '../../support/manual-clock.js';
import { emergency, province, rigOf, setOf, settled } from './programme-rig.js';

const well: PlayTally = {
  ...{
    playId: 'p',
    outcome: 'completed',
    failure: undefined,
    framesHeard: 60_000,
    spans: [],
    peakDb: undefined,
  },
  ...{ rmsDbBySecond: [], underruns: 0, reconnects: 0, pcmSha256: 'of all of it', evidence: 'consumed' },
};

interface Rig {
  readonly test: PathTest;
  readonly clock: ManualClock;
  readonly events: EventBody[];
  readonly asked: { verify: Outcome<number>; play: Partial<SilentPlay> | 'busy' | 'hangs'; alone: boolean };
}

function testOf(): Rig {
  const clock = new ManualClock();
  const events: EventBody[] = [];
  const asked: Rig['asked'] = { verify: accepted(3), play: {}, alone: true };
  const test = new PathTest({
    clock,
    onEvent: (body) => events.push(body),
    verify: () => Promise.resolve(asked.verify),
    play: () => {
      const { play } = asked;
      if (play === 'busy') return undefined;
      const whole = { tally: well, links: [0], troubles: [], ...(play === 'hangs' ? {} : play) };
      const ended = play === 'hangs' ? new Promise<SilentPlay>(() => undefined) : Promise.resolve(whole);
      return { ended, alone: () => asked.alone, stop: () => undefined };
    },
  });
  return { test, clock, events, asked };
}

t.test('what was verified, decoded and consumed passes, and nobody is alarmed', async (t) => {
  const { test, events } = testOf();
  t.match(await test.run(), { ok: true, verified: 3, framesConsumed: 60_000 });
  t.same(events, []);
});

t.test('each broken step is one alarm that names it, cleared by the next test that passes', async (t) => {
  const { test, events, asked } = testOf();
  const steps: [Partial<Rig['asked']>, RegExp][] = [
    [{ verify: refused('E_SIGNATURE_KEY', 'unknown') }, /^verify: E_SIGNATURE_KEY/],
    [{ play: { links: [0, 1], troubles: ['E_SPEECH'] } }, /^speech: E_SPEECH/],
    [
      { play: { tally: { ...well, outcome: 'failed', failure: { code: 'E_SINK_OPEN', detail: 'busy' } } } },
      /^sound: E_SINK_OPEN/,
    ],
    [{ play: { tally: { ...well, evidence: 'decoded' } } }, /^sink: 60000 frames decoded/],
    [{ play: { tally: { ...well, framesHeard: 480 } } }, /^sink: 480 frames/],
    [
      { play: { tally: { ...well, pcmSha256: undefined } } },
      /^sink: 60000 frames consumed, others lost on the way/,
    ],
  ];
  for (const [broken, detail] of steps) {
    Object.assign(asked, broken);
    t.match(await test.run(), { ok: false, code: 'E_PATH_TEST', detail });
    await test.run();
    t.match(events.splice(0), [{ kind: 'alarm', code: 'E_PATH_TEST', detail }]);
    Object.assign(asked, { verify: accepted(3), play: {} });
    t.equal((await test.run()).ok, true);
    t.match(events.splice(0), [{ kind: 'cleared', code: 'E_PATH_TEST' }]);
  }
});

t.test('a sink that takes nothing fails the test after half a minute', async (t) => {
  const { test, clock, asked } = testOf();
  asked.play = 'hangs';
  const running = test.run();
  await settled();
  clock.advance(30_000);
  t.match(await running, { ok: false, code: 'E_PATH_TEST', detail: 'the sink took no sound in time' });
});

t.test('where something else has the air, or takes it, it is put off and is no fault', async (t) => {
  const { test, clock, events, asked } = testOf();
  asked.play = 'busy';
  t.match(await test.run(), { ok: false, code: 'E_COMMAND_BUSY' });
  Object.assign(asked, { play: 'hangs', alone: false });
  const running = test.run();
  await settled();
  clock.advance(30_000);
  t.match(await running, { ok: false, code: 'E_COMMAND_BUSY' });
  t.same([events, test.last], [[], undefined]);
});

t.test('it tests ten minutes after the start, then every day, and sooner where it was put off', async (t) => {
  const { test, clock, asked } = testOf();
  let tests = 0;
  Object.defineProperty(asked, 'play', { get: () => ((tests += 1), tests === 1 ? 'busy' : {}) });
  test.start();
  const after = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await settled();
    return tests;
  };
  t.equal(await after(599_999), 0);
  t.equal(await after(1), 1);
  t.equal(await after(600_000), 2, 'the first found the air taken');
  t.equal(await after(86_399_999), 2);
  t.equal(await after(1), 3);
  test.close();
});

t.test(
  'a silent play has no receipt, no place on air and nobody told, and an emergency takes the air from it',
  async (t) => {
    const { programme, opened, order, receipts, events, end } = rigOf();
    const playing = programme.silentTest();
    t.match(opened, [
      { class: 'local', gainDb: -200, chimeFirst: false, chain: [{ kind: 'text' }, { kind: 'stored' }] },
    ]);
    const playId = opened[0]?.playId ?? '';
    programme.onSound({ kind: 'air', playId });
    programme.onSound({ kind: 'trouble', playId, refusal: { code: 'E_MEDIA_FALLBACK', detail: '' } });
    t.same([programme.onAir(), programme.open(), events], [undefined, [], []]);
    t.equal(programme.secondsOnAirToday(), 0);
    t.equal(programme.silentTest(), undefined, 'one at a time');
    programme.setEmergencies('slot', setOf(emergency('e')), province);
    t.equal(order()[0], opened[1]?.playId);
    t.equal(playing?.alone(), false);
    end(playId, { framesHeard: 60_000, evidence: 'consumed' });
    t.match(await playing?.ended, { tally: { framesHeard: 60_000 }, troubles: ['E_MEDIA_FALLBACK'] });
    t.same(receipts, []);
  },
);
