import t from 'tap';
import { amplifierOff, stepAmplifier, wakeMs } from '../../../../hardware/amplifier/sequence.js';
import type {
  AmplifierEffect,
  AmplifierEvent,
  AmplifierRules,
} from '../../../../hardware/amplifier/state.js';
import { liveHistory } from '../../../amplifier/histories.js';

const RULES: AmplifierRules = {
  times: {
    ...{ supplyDelayMs: 2_000, settleMs: 300, unmuteMs: 50, tailMs: 500, fadeMs: 400, muteMs: 50 },
    ...{ holdMs: 10_000, standbyMs: 60_000, restMs: 1_000, retryMs: 30_000 },
  },
  foldback: { fromC: 70, dbPerC: 1, mostDb: 12, offC: 80, onC: 74 },
};

/** An amplifier whose effects are told with their instants. */
class Bench {
  readonly told: string[] = [];
  state = amplifierOff(0);
  #nowMs = 0;
  #wakeAtMs: number | undefined;
  /** False: the sound worker never says that all is quiet. */
  answers = true;
  readonly #rules: AmplifierRules;

  constructor(rules: AmplifierRules = RULES) {
    this.#rules = rules;
  }

  do(event: AmplifierEvent): void {
    const step = stepAmplifier(this.state, event, this.#nowMs, this.#rules);
    this.state = step.state;
    this.#wakeAtMs = step.wakeAtMs;
    for (const effect of step.effects) {
      this.told.push(`${this.#nowMs} ${textOf(effect)}`);
      if (this.answers && effect.kind === 'door' && effect.door === 'shut')
        this.do({ kind: 'quiet', turn: effect.turn });
    }
  }

  /** Ticks until then. */
  to(nowMs: number): this {
    while (this.#wakeAtMs !== undefined && this.#wakeAtMs <= nowMs) {
      this.#nowMs = this.#wakeAtMs;
      this.do({ kind: 'tick' });
    }
    this.#nowMs = nowMs;
    return this;
  }

  /** What was told since it was last asked. */
  news(): string[] {
    return this.told.splice(0);
  }

  open(): this {
    this.to(1_000).do({ kind: 'wanted', wanted: 'bulletin' });
    this.to(4_000).news();
    return this;
  }
}

function textOf(effect: AmplifierEffect): string {
  if (effect.kind === 'line') return `${effect.line} ${effect.active ? 'on' : 'off'}`;
  if (effect.kind === 'door')
    return `door ${effect.door} ${effect.gainDb} dB${effect.cut === true ? ' cut' : ''}`;
  return `refusal ${effect.refusal?.code ?? 'none'}`;
}

t.test('it is opened in order, each step after its time', async (t) => {
  const bench = new Bench().to(5_000);
  bench.do({ kind: 'wanted', wanted: 'bulletin' });
  bench.to(20_000);
  t.same(bench.news(), ['5000 supply on', '7000 line on', '7300 unmute on', '7350 door all 0 dB']);
});

t.test('after the last bulletin it is muted, held, put to standby and switched off', async (t) => {
  const bench = new Bench().open();
  bench.to(10_000).do({ kind: 'wanted', wanted: 'none' });
  bench.to(200_000);
  t.same(bench.news(), ['10500 door shut 0 dB', '10500 unmute off', '20550 line off', '80550 supply off']);
});

t.test('a bulletin that comes within the tail finds it open', async (t) => {
  const bench = new Bench().open();
  bench.to(10_000).do({ kind: 'wanted', wanted: 'none' });
  bench.to(10_400).do({ kind: 'wanted', wanted: 'bulletin' });
  bench.to(60_000);
  t.same(bench.news(), []);
});

t.test('a bulletin that comes while it is held is heard after unmuting alone', async (t) => {
  const bench = new Bench().open();
  bench.to(10_000).do({ kind: 'wanted', wanted: 'none' });
  bench.to(15_000).news();
  bench.do({ kind: 'wanted', wanted: 'bulletin' });
  bench.to(16_000);
  t.same(bench.news(), ['15000 unmute on', '15050 door all 0 dB']);
});

t.test('before it is muted what was written is waited for, and not longer than its limit', async (t) => {
  const bench = new Bench().open();
  bench.answers = false;
  bench.to(10_000).do({ kind: 'fault', fault: 'open', there: true });
  bench.to(10_200).do({ kind: 'quiet', turn: 1 });
  bench.to(10_399);
  t.same(bench.news(), ['10000 door shut 0 dB', '10000 refusal E_LINE_OPEN']);
  bench.to(11_000);
  t.same(bench.news(), ['10400 unmute off', '10450 line off', '10500 supply off']);
});

t.test('a short circuit mutes at once, cuts what was written, and stays for every class', async (t) => {
  const bench = new Bench().open();
  bench.to(10_000).do({ kind: 'fault', fault: 'short', there: true });
  bench.to(10_001).do({ kind: 'wanted', wanted: 'emergency' });
  bench.to(70_000);
  t.same(bench.news(), [
    ...['10000 unmute off', '10000 door shut 0 dB cut', '10000 refusal E_LINE_SHORT'],
    ...['10050 line off', '10100 supply off'],
  ]);
  t.test('once it is gone it is tried again after the retry time', async (t) => {
    bench.do({ kind: 'fault', fault: 'short', there: false });
    bench.to(110_000);
    t.same(bench.news(), [
      ...['100000 supply on', '100000 refusal none', '102000 line on'],
      ...['102300 unmute on', '102350 door all 0 dB'],
    ]);
  });
});

for (const [fault, code] of [
  ['open', 'E_LINE_OPEN'],
  ['undervoltage', 'E_AMPLIFIER_UNDERVOLTAGE'],
  ['hot', 'E_AMPLIFIER_HOT'],
  ['lines', 'E_AMPLIFIER_LINES'],
] as const) {
  t.test(`${fault}: a bulletin is refused, an emergency alone is let through`, async (t) => {
    const bench = new Bench().to(5_000);
    bench.do({ kind: 'fault', fault, there: true });
    bench.do({ kind: 'wanted', wanted: 'bulletin' });
    bench.to(9_000);
    t.same(bench.news(), [`5000 refusal ${code}`]);
    bench.do({ kind: 'wanted', wanted: 'emergency' });
    bench.to(20_000);
    t.same(bench.news(), ['9000 supply on', '11000 line on', '11300 unmute on', '11350 door emergency 0 dB']);
    bench.do({ kind: 'wanted', wanted: 'bulletin' });
    bench.to(21_000);
    t.match(bench.news(), ['20000 door shut 0 dB', '20000 unmute off']);
  });
}

t.test(
  'as it warms the gain comes down before it is switched off, and does not flutter on the edge',
  async (t) => {
    const bench = new Bench().open();
    bench.to(5_000);
    for (const celsius of [70, 71, 71.4, 70.9, 71.1, 75, 79.9]) bench.do({ kind: 'temperature', celsius });
    t.same(
      bench.news(),
      [-1, -2, -5, -10].map((db) => `5000 door all ${db} dB`),
    );
    bench.do({ kind: 'temperature', celsius: 80 });
    t.match(bench.news()[0], '5000 door shut -12 dB');
    bench.to(6_000).do({ kind: 'wanted', wanted: 'emergency' });
    bench.to(12_000);
    t.match(bench.news().at(-1), /door emergency -12 dB/);
    bench.do({ kind: 'temperature', celsius: 74 });
    t.same(bench.news(), []);
    bench.do({ kind: 'temperature', celsius: 69 });
    t.same(bench.news(), ['12000 door all 0 dB', '12000 refusal none']);
  },
);

t.test('told to end it goes off in order at once, and off it stays', async (t) => {
  const bench = new Bench().open();
  bench.to(10_000).do({ kind: 'end' });
  bench.do({ kind: 'wanted', wanted: 'emergency' });
  bench.to(100_000);
  t.same(bench.news(), ['10000 door shut 0 dB', '10000 unmute off', '10050 line off', '10100 supply off']);
});

t.test(
  'after a power cut the line relay waits until the mute that the cut began has had its time',
  async (t) => {
    // Of history 74852895: rest and supply together are shorter than the mute.
    const times = { ...RULES.times, restMs: 53, supplyDelayMs: 27, muteMs: 181, settleMs: 145 };
    const wake = ['53 supply on', '181 line on', '326 unmute on', '376 door all 0 dB'];
    const bench = new Bench({ times });
    bench.do({ kind: 'wanted', wanted: 'bulletin' });
    bench.to(1_000);
    t.same(bench.news(), wake);
    t.equal(wakeMs({ times }), 376, 'what is to begin at an instant wakes it as much earlier');
    t.same(liveHistory(74852895).unsafe, []);
    t.test('and not again for a mute that was waited for', async (t) => {
      bench.do({ kind: 'fault', fault: 'short', there: true });
      bench.to(2_000).do({ kind: 'fault', fault: 'short', there: false });
      bench.to(40_000);
      const again = ['32027 line on', '32172 unmute on', '32222 door all 0 dB'];
      t.same(bench.news().slice(-3), again);
    });
  },
);

t.test('500 random histories of play, stop, fault, emergency and power know no unsafe state', async (t) => {
  const firstSeed = Math.floor(Math.random() * 1e9);
  t.comment(`seeds from ${firstSeed}`);
  let opened = 0;
  for (let seed = firstSeed; seed < firstSeed + 500; seed += 1) {
    const history = liveHistory(seed);
    opened += history.opened;
    t.same(history.unsafe, [], `seed ${seed}`);
  }
  t.ok(opened > 500);
});

t.test('the judge of the histories sees each time that is not kept', async (t) => {
  const spoilt = [
    { settleMs: 0 },
    { supplyDelayMs: 0 },
    { muteMs: 0 },
    { restMs: 0 },
    { fadeMs: 0 },
    { unmuteMs: 0 },
    { tailMs: 100_000 },
    { retryMs: 200_000 },
  ];
  for (const spoil of spoilt) {
    let seed = 1;
    while (seed <= 100 && liveHistory(seed, spoil).unsafe.length === 0) seed += 1;
    t.ok(seed <= 100, JSON.stringify(spoil));
  }
});
