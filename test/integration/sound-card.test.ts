import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  buildCard,
  frameAt,
  openCard,
  type Card,
  type CardEvent,
  type Timeline,
} from '../fixtures/sound-card/card.js';
import { compareSegment } from '../heard/compare.js';
import { quietBetween, segmentsOf } from '../heard/level.js';
import { writeWav } from '../heard/wav.js';
import { babble, noise } from '../unit/heard/synthetic.js';

const rateHz = 48_000;
const sound = babble(2, 21);
const reason = await missing();
const skip = reason ?? false;

async function missing(): Promise<string | undefined> {
  if (spawnSync('aplay', ['--version']).error !== undefined) return 'missing tool: aplay';
  const built = await buildCard();
  return built.ok ? undefined : `missing tool: ${built.missing}`;
}

/** A card in a folder of its own, and the WAV to play on it. */
async function cardWithSound(t: Test): Promise<{ card: Card; wav: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'loa-card-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const wav = path.join(folder, 'sound.wav');
  await writeWav(wav, { rateHz, samples: sound });
  return { card: await openCard(folder), wav };
}

function aplay(
  card: Card,
  ...args: string[]
): { child: ChildProcess; done: Promise<{ exitCode: number; complaint: string }> } {
  const child = spawn('aplay', ['-q', '-D', card.device, ...args], {
    env: { ...process.env, LC_ALL: 'C', ...card.env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const done = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number, complaint }));
  return { child, done };
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const rawMono = ['-t', 'raw', '-f', 'S16_LE', '-r', '48000', '-c', '1'];

function only(events: readonly CardEvent[], event: CardEvent['event']): CardEvent[] {
  return events.filter((each) => each.event === event);
}

async function until(card: Card, event: CardEvent['event']): Promise<CardEvent> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = only(await card.events(), event)[0];
    if (found !== undefined) return found;
    await pause(10);
  }
  throw new Error(`no ${event} within 5 s`);
}

/** Compares one play, from the frame where its stream started. */
function compareFrom(timeline: Timeline, fromFrame: number) {
  return compareSegment({
    heard: timeline.samples,
    reference: sound,
    rateHz,
    fromFrame,
    toFrame: fromFrame + sound.length,
    rampFrames: 0,
    expectedLagFrames: fromFrame,
    searchFrames: 480,
  });
}

t.test(
  'two plays stand on one timeline, each where the clock says, with silence between',
  { skip },
  async (t) => {
    const { card, wav } = await cardWithSound(t);
    const stamps: { spawnedMs: number; endedMs: number }[] = [];
    // Roomy buffers: a shared machine may stall for more than 100 ms, and that underrun would be a true one.
    for (const bufferTime of ['300000', '500000']) {
      const spawnedMs = monotonicMs();
      t.equal((await aplay(card, '--buffer-time', bufferTime, wav).done).exitCode, 0);
      stamps.push({ spawnedMs, endedMs: monotonicMs() });
      await pause(300);
    }

    const timeline = await card.timeline();
    const events = await card.events();
    const starts = only(events, 'start');
    t.equal(starts.length, 2);
    t.equal(only(events, 'xrun').length, 0);
    for (const [play, start] of starts.entries()) {
      const firstMs = timeline.t0MonotonicMs + ((start.frame ?? NaN) * 1000) / rateHz;
      const { spawnedMs, endedMs } = stamps[play] ?? { spawnedMs: NaN, endedMs: NaN };
      t.ok(spawnedMs < firstMs && firstMs + 2000 < endedMs, 'between the start and the end of its process');
      const compared = compareFrom(timeline, start.frame ?? -1);
      t.ok(compared.worst > 0.9999, `worst window ${compared.worst}`);
      t.ok(compared.holds, JSON.stringify(compared.failures));
      t.equal(compared.lagFrames, start.frame, 'the very frames');
      const late = frameAt(timeline, start.ns / 1e6) - (start.frame ?? NaN);
      t.ok(Math.abs(late) < rateHz / 50, `${late} frames from the monotonic stamp`);
    }
    const spans = segmentsOf({ heard: timeline.samples, rateHz, joinGapMs: 250 });
    t.equal(spans.length, 2);
    const [from, to] = [(starts[0]?.frame ?? 0) + sound.length, starts[1]?.frame ?? 0];
    t.equal(quietBetween({ heard: timeline.samples, rateHz, from, to }), -Infinity);
    const gapMs = ((starts[1]?.ns ?? 0) - (starts[0]?.ns ?? 0)) / 1e6 - 2000;
    t.ok(Math.abs(((to - from) * 1000) / rateHz - gapMs) < 20);
    t.ok(gapMs > 300);
    const waitedMs = (stamps[1]?.spawnedMs ?? NaN) - (stamps[0]?.endedMs ?? NaN);
    t.ok(gapMs >= waitedMs, `${gapMs} ms of silence, ${waitedMs} ms without a process`);
  },
);

t.test('the card takes as long as the sound lasts, by the clock of this process', { skip }, async (t) => {
  const { card, wav } = await cardWithSound(t);
  const beforeMs = performance.now();
  await aplay(card, '--buffer-time', '20000', wav).done;
  const tookMs = performance.now() - beforeMs;
  const [start, stop] = [await until(card, 'start'), await until(card, 'stop')];
  const playedMs = (stop.ns - start.ns) / 1e6;
  const underruns = only(await card.events(), 'xrun').length;
  t.ok(playedMs >= 2000 && playedMs <= tookMs, `${playedMs} ms of ${tookMs}, ${underruns} underruns`);
});

t.test(
  'buffers of 20 and 40 ms play the very frames until they first run dry, if they do',
  { skip },
  async (t) => {
    for (const [bufferTime, bufferFrames] of [
      ['20000', 960],
      ['40000', 1920],
    ] as const) {
      const { card, wav } = await cardWithSound(t);
      t.equal((await aplay(card, '--buffer-time', bufferTime, wav).done).exitCode, 0);
      const [timeline, events] = [await card.timeline(), await card.events()];
      t.equal(only(events, 'hw_params')[0]?.bufferFrames, bufferFrames);
      const fromFrame = only(events, 'start')[0]?.frame ?? -1;
      const toFrame = Math.min(fromFrame + sound.length, only(events, 'xrun')[0]?.frame ?? Infinity);
      const heard = timeline.samples.subarray(fromFrame, toFrame);
      t.ok(heard.length >= bufferFrames);
      const wrong = heard.findIndex((sample, frame) => Math.abs(sample - (sound[frame] ?? 0)) > 1 / 32_768);
      t.equal(wrong, -1, `${heard.length} frames until the end or the first underrun`);
    }
  },
);

t.test('two channels and other rates are played too', { skip }, async (t) => {
  const { card } = await cardWithSound(t);
  const raw = Buffer.alloc(48_000 * 4);
  for (let frame = 0; frame < 48_000; frame += 1) {
    raw.writeInt16LE(Math.round((sound[frame] ?? 0) * 32_767), frame * 4);
    raw.writeInt16LE(Math.round((sound[frame] ?? 0) * 32_767), frame * 4 + 2);
  }
  const stereo = aplay(
    card,
    '-t',
    'raw',
    '-f',
    'S16_LE',
    '-r',
    '48000',
    '-c',
    '2',
    '--buffer-time',
    '400000',
  );
  stereo.child.stdin?.end(raw);
  t.equal((await stereo.done).exitCode, 0);
  const mono = aplay(card, '-t', 'raw', '-f', 'S16_LE', '-r', '44100', '-c', '1', '--buffer-time', '400000');
  mono.child.stdin?.end(raw.subarray(0, 44_100));
  const { exitCode, complaint } = await mono.done;
  t.equal(exitCode, 0, complaint);
  const timeline = await card.timeline();
  t.equal(timeline.channels, 2);
  const fromFrame = (await until(card, 'start')).frame ?? -1;
  const [heard, reference] = [timeline.samples, sound];
  const toFrame = fromFrame + 48_000;
  t.ok(compareSegment({ heard, reference, rateHz, fromFrame, toFrame, rampFrames: 0 }).holds);
});

t.test('an underrun is logged when it happens, and is silence on the timeline', { skip }, async (t) => {
  const { card } = await cardWithSound(t);
  const playing = aplay(card, ...rawMono, '--buffer-time', '100000');
  const pcm = Buffer.alloc(48_000);
  for (let frame = 0; frame < 24_000; frame += 1) pcm.writeInt16LE(8000, frame * 2);
  playing.child.stdin?.write(pcm);
  const xrun = await until(card, 'xrun');
  await pause(200);
  playing.child.stdin?.end(pcm);
  t.match((await playing.done).complaint, /underrun/);

  const [timeline, events] = [await card.timeline(), await card.events()];
  const starts = only(events, 'start');
  const [dry, again] = [xrun.frame ?? -1, starts[1]?.frame ?? -1];
  t.ok(again - dry > 0.2 * rateHz, `${again - dry} frames of silence`);
  t.equal(quietBetween({ heard: timeline.samples, rateHz, from: dry, to: again }), -Infinity);
  t.ok((timeline.samples[dry - 1] ?? 0) > 0.2, 'sound until it ran dry');
  t.ok((timeline.samples[again] ?? 0) > 0.2, 'and from when it started again');
  t.ok(Math.abs(frameAt(timeline, xrun.ns / 1e6) - dry) < 0.1 * rateHz);
});

t.test('what a killed player had queued was not heard', { skip }, async (t) => {
  const { card, wav } = await cardWithSound(t);
  await writeWav(wav, { rateHz, samples: noise(2, 8) });
  const playing = aplay(card, '--buffer-time', '500000', wav);
  await until(card, 'start');
  await pause(700);
  playing.child.kill('SIGKILL');
  const killedMs = monotonicMs();
  await playing.done;
  await pause(300);
  const timeline = await card.timeline();
  const last = segmentsOf({ heard: timeline.samples, rateHz, joinGapMs: 2000 }).at(-1)?.toFrame ?? 0;
  const after = last - frameAt(timeline, killedMs);
  t.ok(after < rateHz / 50 && after > -rateHz / 10, `heard until ${after} frames after the kill`);
  t.same(only(await card.events(), 'close'), [], 'a killed player closes nothing');
  t.equal((await aplay(card, wav).done).exitCode, 0, 'and the card is free again');
});

t.test('a second player finds the card busy', { skip }, async (t) => {
  const { card, wav } = await cardWithSound(t);
  const first = aplay(card, wav);
  await until(card, 'start');
  const second = await aplay(card, wav).done;
  t.equal(second.exitCode, 1);
  t.match(second.complaint, /busy/i);
  t.equal((await first.done).exitCode, 0);
});

t.test('a card that is pulled out ends the stream, cannot be opened, and comes back', { skip }, async (t) => {
  const { card, wav } = await cardWithSound(t);
  const playing = aplay(card, '--buffer-time', '200000', wav);
  await until(card, 'start');
  await pause(500);
  await card.unplug(true);
  const ended = await playing.done;
  t.not(ended.exitCode, 0);
  t.match(ended.complaint, /No such device/);
  const gone = await until(card, 'gone');
  const refused = await aplay(card, wav).done;
  t.equal(refused.exitCode, 1);
  t.match(refused.complaint, /No such device/);
  t.ok(
    (await card.events()).some(
      ({ event, ok, reason: why }) => event === 'open' && ok === false && why === 'gone',
    ),
  );

  await card.unplug(false);
  t.equal((await aplay(card, wav).done).exitCode, 0);
  const timeline = await card.timeline();
  const [, again] = only(await card.events(), 'start');
  const from = frameAt(timeline, gone.ns / 1e6) + 1;
  t.equal(quietBetween({ heard: timeline.samples, rateHz, from, to: again?.frame ?? 0 }), -Infinity);
  t.ok(compareFrom(timeline, again?.frame ?? -1).holds);
});

t.test('a card that was never used heard silence since it was made', { skip }, async (t) => {
  const { card } = await cardWithSound(t);
  await pause(100);
  const { samples } = await card.timeline();
  t.ok(samples.length >= 4500 && samples.every((sample) => sample === 0));
  t.same(await card.events(), []);
});
