import t from 'tap';
import type { FromSound, PlaySpec } from '../../../agent/sound/messages.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import type { Door, DoorState } from '../../../hardware/types.js';
import { fakeSink } from '../../fakes/fake-sink.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { OPEN_GATE } from '../../support/open-gate.js';

const AHEAD_FRAMES = 3_840;

interface Rig {
  readonly worker: SoundWorker;
  readonly clock: ManualClock;
  /** All samples written so far. */
  readonly written: () => number[];
  readonly told: () => string[];
  readonly messages: FromSound[];
  readonly door: (door: Door, more?: Partial<DoorState>) => void;
}

/** A sound worker before an amplifier, which is shut at first. */
async function rigOf(amplifier = true): Promise<Rig> {
  const clock = new ManualClock();
  const sink = fakeSink(clock, AHEAD_FRAMES);
  const messages: FromSound[] = [];
  let turn = 0;
  const worker = new SoundWorker(
    {
      sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
      media: { anchorsPem: [], plainHosts: [], stallMs: 1_000, folder: '/nowhere', quotaBytes: 1 },
      livePrerollMs: 250,
      gate: OPEN_GATE,
      ...(amplifier ? { amplifier: { wakeMs: 2_000, state: { door: 'shut', gainDb: 0, turn } } } : {}),
    },
    {
      openSink: sink.open,
      makeDecoder: rawDecoder({ framesPerByte: 1 }).make,
      clock,
      random: () => 0.5,
      tell: (message) => messages.push(message),
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  const told = (): string[] =>
    messages.flatMap((one) =>
      one.kind === 'air-wanted' ? [one.wanted] : one.kind === 'quiet' ? [`quiet ${one.turn}`] : [],
    );
  const door = (state: Door, more: Partial<DoorState> = {}): void => {
    turn += 1;
    worker.take({ kind: 'door', state: { door: state, gainDb: 0, turn, ...more } });
  };
  return { worker, clock, written: () => sink.blocks.flatMap((block) => [...block]), told, messages, door };
}

const specOf = (playId: string, parts: Partial<PlaySpec> = {}): PlaySpec => ({
  playId,
  class: 'normal',
  chimeFirst: false,
  chain: [{ kind: 'tone', frequencyHz: 500, durationMs: 1_000, level: 0.1 }],
  gainDb: 0,
  onInterrupt: 'resume',
  ...parts,
});

function run(clock: ManualClock, ms: number): void {
  for (let at = 0; at < ms; at += 10) clock.advance(10);
}

const loud = (samples: readonly number[]): number => samples.filter((one) => one !== 0).length;

t.test('without an amplifier nothing is asked and nothing waits', async (t) => {
  const { worker, clock, written, told } = await rigOf(false);
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 100);
  t.ok(loud(written()) > 0);
  run(clock, 2_000);
  t.same(told(), []);
});

t.test(
  'a bulletin is kept whole until the amplifier is open, and the air is given up once it was heard',
  async (t) => {
    const { worker, clock, written, told, door, messages } = await rigOf();
    worker.take({ kind: 'open', spec: specOf('a') });
    worker.take({ kind: 'order', playIds: ['a'] });
    run(clock, 3_000);
    t.equal(loud(written()), 0);
    t.same(told(), ['bulletin']);
    door('all');
    run(clock, 1_010);
    t.same(told(), ['bulletin'], 'some of it is still in the card');
    run(clock, 200);
    t.same(told(), ['bulletin', 'none']);
    const ended = messages.find((one) => one.kind === 'ended');
    t.match(ended, { tally: { outcome: 'completed', framesHeard: 48_000 } });
  },
);

t.test(
  'for an emergency the air is wanted as such; a door for emergencies lets nothing else through',
  async (t) => {
    const { worker, clock, written, told, door } = await rigOf();
    worker.take({ kind: 'open', spec: specOf('a') });
    worker.take({ kind: 'order', playIds: ['a'] });
    door('emergency');
    run(clock, 100);
    t.equal(loud(written()), 0);
    worker.take({ kind: 'open', spec: specOf('e', { class: 'emergency' }) });
    worker.take({ kind: 'order', playIds: ['e', 'a'] });
    run(clock, 100);
    t.same(told(), ['bulletin', 'emergency']);
    t.ok(loud(written()) > 0);
  },
);

t.test('what is to begin at an instant asks for the air as long before as it takes to wake', async (t) => {
  const { worker, clock, told } = await rigOf();
  const startAtMs = clock.monotonicMs() + 5_000;
  worker.take({ kind: 'open', spec: specOf('a', { startAtMs }) });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 2_900);
  t.same(told(), []);
  run(clock, 200);
  t.same(told(), ['bulletin']);
});

t.test('a test that nobody hears wakes no amplifier, and passes the shut door', async (t) => {
  const { worker, clock, told, messages } = await rigOf();
  worker.take({ kind: 'open', spec: specOf('silent', { gainDb: -200 }) });
  worker.take({ kind: 'order', playIds: ['silent'] });
  run(clock, 2_000);
  t.same(told(), []);
  t.match(
    messages.find((one) => one.kind === 'ended'),
    { tally: { outcome: 'completed', evidence: 'consumed' } },
  );
});

t.test('as the door shuts the bulletin fades, waits, and goes on where it was', async (t) => {
  const { worker, clock, written, told, door, messages } = await rigOf();
  door('all');
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 500);
  door('shut');
  run(clock, 30);
  t.same(told(), ['bulletin'], 'what is in the card is still to be heard');
  run(clock, 200);
  t.same(told(), ['bulletin', 'quiet 2']);
  const before = loud(written());
  run(clock, 1_000);
  t.equal(loud(written()), before);
  door('all');
  run(clock, 1_000);
  t.match(
    messages.find((one) => one.kind === 'ended'),
    // The block that fades out is heard, and not counted.
    { tally: { outcome: 'completed', framesHeard: 48_000 - 480 } },
  );
});

t.test('what a mute cuts off is not counted as heard', async (t) => {
  const { worker, clock, door, messages } = await rigOf();
  door('all');
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 500);
  door('shut', { cut: true });
  run(clock, 200);
  worker.take({ kind: 'close', playId: 'a', outcome: 'stopped' });
  run(clock, 200);
  const ended = messages.find((one) => one.kind === 'ended');
  if (ended?.kind !== 'ended') throw new Error('no account');
  // 500 ms and what the last tick wrote ahead, less what was in the card.
  t.ok(ended.tally.framesHeard <= 25_000, String(ended.tally.framesHeard));
});

t.test('the gain of the amplifier brings down what is heard, and no more than that', async (t) => {
  const { worker, clock, written, door } = await rigOf();
  door('all', { gainDb: -6 });
  worker.take({ kind: 'open', spec: specOf('a') });
  worker.take({ kind: 'order', playIds: ['a'] });
  run(clock, 300);
  const peak = Math.max(...written()) / 32_767;
  t.ok(Math.abs(peak - 0.1 * 10 ** (-6 / 20)) < 0.002, String(peak));
});
