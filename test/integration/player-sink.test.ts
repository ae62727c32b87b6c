import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { ErrorCode } from '../../agent/core/errors.js';
import { playerPath } from '../../hardware/sinks/player-path.js';
import { openPlayerSink, startPlayer } from '../../hardware/sinks/player-sink.js';
import type { Sink } from '../../hardware/types.js';
import { buildCard, openCard, type Card } from '../fixtures/sound-card/card.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const program = playerPath();
const built = await buildCard();
const missing = built.ok ? 'gcc and libasound2-dev, to build the player' : built.missing;
const skip = program !== undefined && built.ok ? false : `missing tool: ${missing}`;

interface Rig {
  readonly card: Card;
  readonly sink: Sink;
  readonly pid: number;
  readonly gaps: number[];
  readonly deaths: { code: ErrorCode; detail: string; heardFrame: number | undefined }[];
}

/** The player on a card of its own, with a start of 20 ms. */
async function rigOf(t: Test, aheadMs = 600): Promise<Rig> {
  const card = await openCard(await temporaryFolder(t));
  const settings = { kind: 'alsa', device: card.device, bufferMs: 40, leadMs: 30, aheadMs } as const;
  const before = { ...process.env };
  Object.assign(process.env, card.env);
  const child = startPlayer(program ?? '', settings);
  process.env = before;
  t.teardown(() => child.kill('SIGKILL'));
  const gaps: number[] = [];
  const deaths: Rig['deaths'] = [];
  const sink = await openPlayerSink(child, settings, {
    onUnderrun: (gapMs) => gaps.push(gapMs),
    onDied: (code, detail, heardFrame) => deaths.push({ code, detail, heardFrame }),
  });
  return { card, sink, pid: child.pid ?? 0, gaps, deaths };
}

/** A staircase: each frame of a stretch has the stretch's level. */
const level = (value: number, frames: number): Int16Array => new Int16Array(frames).fill(value);

/** Stretches of one level in what was heard, silence before and after left out. */
async function stretches(card: Card): Promise<{ level: number; frames: number }[]> {
  const { samples } = await card.timeline();
  const found: { level: number; frames: number }[] = [];
  for (const sample of samples) {
    const value = Math.round(sample * 32_768);
    const last = found.at(-1);
    if (last?.level === value) last.frames += 1;
    else found.push({ level: value, frames: 1 });
  }
  while (found[0]?.level === 0) found.shift();
  while (found.at(-1)?.level === 0) found.pop();
  return found;
}

t.test('what is taken back before it is heard is replaced to the frame', { skip }, async (t) => {
  const { card, sink } = await rigOf(t);
  sink.write(level(1_000, 24_000));
  await pause(100);
  sink.takeBack?.(9_600);
  sink.write(level(2_000, 4_800));
  await pause(400);
  t.same(await stretches(card), [
    { level: 1_000, frames: 9_600 },
    { level: 2_000, frames: 4_800 },
  ]);
  await sink.close();
});

t.test(
  'what the card has passed already is passed over: the rest stays in its place',
  { skip },
  async (t) => {
    const { card, sink } = await rigOf(t);
    sink.write(level(1_000, 24_000));
    await pause(250);
    sink.takeBack?.(4_800);
    sink.write(level(2_000, 24_000));
    await pause(700);
    const found = await stretches(card);
    t.same(
      found.map(({ level }) => level),
      [1_000, 2_000],
    );
    const [first, second] = found.map(({ frames }) => frames);
    t.equal((first ?? 0) + (second ?? 0), 28_800, 'frames keep their numbers');
    t.ok((first ?? 0) > 11_500, `${first} frames had gone`);
    await sink.close();
  },
);

t.test('it says where its card is, and how long an underrun was', { skip }, async (t) => {
  const { sink, gaps } = await rigOf(t);
  sink.write(level(1_000, 4_800));
  await waitUntil('a position', () => sink.position?.() !== undefined);
  const sight = sink.position?.();
  t.equal(sight?.from, 'card');
  await pause(400);
  sink.write(level(1_000, 4_800));
  await waitUntil('the gap', () => gaps.length > 0);
  // Written 400 ms and some after a sound of 100 ms began.
  t.ok((gaps[0] ?? 0) > 200 && (gaps[0] ?? 0) < 1_500, `${gaps[0]} ms`);
  await sink.close();
});

t.test('a card that is pulled out is a death that says what was heard', { skip }, async (t) => {
  const { card, sink, deaths } = await rigOf(t);
  sink.write(level(1_000, 28_800));
  await pause(200);
  await card.unplug(true);
  await waitUntil('its death', () => deaths.length > 0);
  const [{ code, detail, heardFrame } = { code: undefined, detail: '', heardFrame: undefined }] = deaths;
  t.equal(code, 'E_SINK_DIED');
  t.match(detail, /the card is lost: No such device/);
  const heard = (await stretches(card)).reduce((sum, { frames }) => sum + frames, 0);
  t.ok(Math.abs((heardFrame ?? 0) - heard) < 20 * 48, `${heardFrame} told, ${heard} heard`);
  await sink.close();
});

t.test('a player that is stopped in mid-play is a death within a second', { skip }, async (t) => {
  const { sink, pid, deaths } = await rigOf(t);
  sink.write(level(1_000, 9_600));
  await pause(50);
  process.kill(pid, 'SIGSTOP');
  const beganMs = performance.now();
  await waitUntil('its death', () => {
    sink.write(level(1_000, 480));
    return deaths.length > 0;
  });
  t.ok(performance.now() - beganMs < 1_000);
  t.match(deaths, [{ code: 'E_SINK_DIED', detail: /takes no more sound|does not answer/ }]);
  await sink.close();
});

t.test('a card that is not there is E_SINK_OPEN, with ALSA’s word for it', { skip }, async (t) => {
  const child = startPlayer(program ?? '', { kind: 'alsa', device: 'nowhere', bufferMs: 40, leadMs: 30 });
  const none = { onUnderrun: () => undefined, onDied: () => undefined };
  await t.rejects(
    openPlayerSink(child, { kind: 'alsa', device: 'nowhere', bufferMs: 40, leadMs: 30 }, none),
    {
      code: 'E_SINK_OPEN',
      message: /nowhere: No such file or directory/,
    },
  );
});

t.test('a card smaller than what it would hold ahead is given nothing ahead', { skip }, async (t) => {
  const { sink } = await rigOf(t, 5_000);
  t.notOk('takeBack' in sink);
  await sink.close();
});
