import type { ServerResponse } from 'node:http';
import t from 'tap';
import { LiveSource } from '../../../agent/sound/sources/live-source.js';
import { startMediaHost } from '../../fakes/media-host.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { silentMp3 } from '../../support/silent-sound.js';
import type { Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';

interface Rig {
  readonly source: LiveSource;
  readonly clock: ManualClock;
  readonly listeners: ServerResponse[];
  readonly troubles: string[];
  readonly titles: string[];
}

/** A live source on a server that sends what the test writes. Each byte of sound is ten frames, numbered. */
async function rigOf(
  t: Teardown,
  options: { headers?: Record<string, string>; status?: number; stallMs?: number } = {},
): Promise<Rig> {
  const listeners: ServerResponse[] = [];
  const host = await startMediaHost(
    t,
    (_, response) => {
      response.writeHead(options.status ?? 200, options.headers ?? {});
      response.flushHeaders();
      listeners.push(response);
    },
    { stallMs: options.stallMs ?? 5_000 },
  );
  const clock = new ManualClock();
  const troubles: string[] = [];
  const titles: string[] = [];
  const source = new LiveSource(
    host.url('/live'),
    { access: host.access, prerollMs: 100, cushion: { leastMs: 200, mostMs: 6_000 } },
    { makeDecoder: rawDecoder({ framesPerByte: 10 }).make, clock, random: () => 1 },
    { onTrouble: ({ code }) => troubles.push(code), onTitle: (title) => titles.push(title) },
  );
  t.teardown(() => source.close());
  await waitUntil('a listener', () => listeners.length > 0);
  return { source, clock, listeners, troubles, titles };
}

/** Reads one block: its first frame, or undefined where there was none. */
function firstFrame(source: LiveSource): number | undefined {
  const block = new Float32Array(480);
  return source.read(block) === 0 ? undefined : block[0];
}

t.test('it begins when the cushion asked for is there', async (t) => {
  const { source, listeners } = await rigOf(t, { stallMs: 5_000 });
  t.equal(source.ready, false);
  t.equal(firstFrame(source), undefined);
  listeners[0]?.write(silentMp3(2));
  await waitUntil('ready', () => source.ready);
  t.equal(firstFrame(source), 0);
  t.equal(firstFrame(source), 480);
});

t.test('unheard it keeps its own time line: it comes back where the stream is by then', async (t) => {
  const { source, listeners } = await rigOf(t);
  listeners[0]?.write(silentMp3(10));
  await waitUntil('ready', () => source.ready);
  t.equal(firstFrame(source), 0);
  for (let i = 0; i < 5; i += 1) source.skip(480);
  t.equal(firstFrame(source), 6 * 480);
});

t.test('run dry it waits for a cushion instead of stuttering', async (t) => {
  const { source, listeners } = await rigOf(t, { stallMs: 5_000 });
  listeners[0]?.write(silentMp3(2));
  await waitUntil('ready', () => source.ready);
  while (firstFrame(source) !== undefined);
  t.equal(source.ready, false);
  listeners[0]?.write(silentMp3(3));
  await waitUntil('ready again', () => source.ready);
});

t.test('a stall is told, and after a while it connects again and sounds', async (t) => {
  const { source, clock, listeners, troubles } = await rigOf(t, { stallMs: 1_000 });
  listeners[0]?.write(silentMp3(3));
  await waitUntil('the stall', () => troubles.length > 0);
  t.same(troubles, ['E_MEDIA_STALL']);
  while (firstFrame(source) !== undefined);
  clock.advance(499);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(listeners.length, 1, 'not before its time');
  clock.advance(1);
  await waitUntil('the second connection', () => listeners.length === 2);
  t.equal(source.reconnects, 1);
  listeners[1]?.write(silentMp3(5));
  await waitUntil('sound', () => source.ready);
  t.ok(firstFrame(source) !== undefined);
});

t.test('the clean end of a live stream is a fault too', async (t) => {
  const { listeners, troubles } = await rigOf(t, { stallMs: 5_000 });
  listeners[0]?.end(silentMp3(5));
  await waitUntil('trouble', () => troubles.length > 0);
  t.same(troubles, ['E_MEDIA_STALL']);
});

t.test('a stream that never comes is asked for later and later, at most every 8 s', async (t) => {
  const { clock, listeners } = await rigOf(t, { status: 404 });
  listeners[0]?.end();
  const waits: number[] = [];
  for (let n = 1; n <= 7; n += 1) {
    let waited = 0;
    await waitUntil(
      'asked again',
      () => {
        if (listeners.length > n) return true;
        clock.advance(250);
        waited += 250;
        return false;
      },
      { everyMs: 1 },
    );
    listeners[n]?.end();
    waits.push(waited);
  }
  const least = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
  t.ok(
    waits.every((ms, i) => ms >= (least[i] ?? 0)),
    waits.join(),
  );
});

t.test('ICY metadata is no sound; its titles are told', async (t) => {
  const { source, listeners, titles } = await rigOf(t, { headers: { 'icy-metaint': '384' } });
  const meta = Buffer.alloc(1 + 32);
  meta[0] = 2;
  meta.write("StreamTitle='Tin trưa';", 1);
  const frames = silentMp3(3);
  for (let i = 0; i < 3; i += 1) {
    listeners[0]?.write(
      Buffer.concat([frames.subarray(i * 384, (i + 1) * 384), i === 0 ? meta : Buffer.of(0)]),
    );
  }
  await waitUntil('sound', () => source.ready);
  t.same(titles, ['Tin trưa']);
  let frame = 0;
  for (let got = firstFrame(source); got !== undefined; got = firstFrame(source)) {
    t.equal(got, frame);
    frame += 480;
  }
  t.equal(frame, 3 * 3_840);
});

t.test('closed, it lets its connection go and asks no more', async (t) => {
  const { source, clock, listeners, troubles } = await rigOf(t, { stallMs: 5_000 });
  let gone = false;
  listeners[0]?.on('close', () => (gone = true));
  source.close();
  await waitUntil('the connection is gone', () => gone);
  clock.advance(3_600_000);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(listeners.length, 1);
  t.same(troubles, []);
});

t.test('with plenty in hand the connection rests for a moment, and nothing of it is lost', async (t) => {
  const { source, clock, listeners } = await rigOf(t);
  const piece = silentMp3(15);
  const pieceFrames = piece.length * 10;
  t.ok(pieceFrames > 48_000, 'more than a second of sound');
  listeners[0]?.write(piece);
  await waitUntil('ready', () => source.ready);
  listeners[0]?.write(piece);
  await waitUntil('two pieces', () => {
    if (source.inHand >= 2 * pieceFrames) return true;
    clock.advance(50);
    return false;
  });
  await waitUntil('it rests', () => clock.waiting === 1);
  listeners[0]?.write(piece);
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
  t.equal(source.inHand, 2 * pieceFrames, 'what comes stays in the connection');
  clock.advance(250);
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
  t.equal(source.inHand, 2 * pieceFrames, 'until the next sound is written');
  const first = new Float32Array(4_800);
  source.read(first);
  t.equal(first[0], 0);
  await waitUntil('the third', () => source.inHand >= 3 * pieceFrames - first.length);
  for (let frame = first.length; source.inHand > 0; frame += 4_800) {
    const into = new Float32Array(480);
    source.read(into);
    if (into[0] !== frame) t.equal(into[0], frame);
    source.skip(4_800 - 480);
  }
});
