import t from 'tap';
import { LiveStream, type Listener } from '../../source-system/live-stream.js';
import { LiveTimeline } from '../../source-system/live-timeline.js';
import { framesOfSound } from '../../source-system/sound-frames.js';
import { ManualClock } from '../../support/manual-clock.js';
import { frameNumbers, silentMp3 } from '../../support/silent-sound.js';

const FRAME_MS = 24;

class KeptListener implements Listener {
  queuedBytes = 0;
  ending: 'end' | 'cut' | undefined;
  bytes = Buffer.alloc(0);

  write(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }

  end(): void {
    this.ending = 'end';
  }

  cut(): void {
    this.ending = 'cut';
  }
}

function start(frames: number, burstMs = 0) {
  const clock = new ManualClock();
  const stream = new LiveStream(framesOfSound(silentMp3(frames)), clock, { burstMs, title: 'Bản tin' });
  const listen = () => {
    const listener = new KeptListener();
    stream.add(listener);
    return listener;
  };
  return { clock, stream, listen };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

t.test('each frame is due at its own instant, through all repetitions', async (t) => {
  const timeline = new LiveTimeline(framesOfSound(silentMp3(10)), 5000);
  for (const frame of [0, 1, 9, 10, 11, 25, 1_000_003]) {
    t.equal(timeline.dueMs(frame), 5000 + frame * FRAME_MS);
    t.equal(timeline.frameAt(timeline.dueMs(frame)), frame);
    t.equal(timeline.frameAt(timeline.dueMs(frame) + 23.9), frame);
  }
  t.equal(timeline.frameAt(4999), -1);
});

t.test(
  'a frame is found at the very instant it is due, also where samples are no whole milliseconds',
  async (t) => {
    const mp3 = Buffer.alloc(7 * 417);
    for (let frame = 0; frame < 7; frame += 1) mp3.set([0xff, 0xfb, 0x90, 0xc4], frame * 417);
    const timeline = new LiveTimeline(framesOfSound(mp3), 1234.567);
    for (const frame of range(0, 5000)) {
      if (timeline.frameAt(timeline.dueMs(frame)) !== frame) t.fail(`frame ${frame}`);
    }
    t.equal(timeline.sound.rateHz, 44_100);
  },
);

t.test(
  'a listener gets a burst at once and then frames as they fall due, repeated without end',
  async (t) => {
    const { clock, listen } = start(10, 10 * FRAME_MS);
    const listener = listen();
    t.same(frameNumbers(listener.bytes), [...range(0, 10), 0]);
    clock.advance(12 * FRAME_MS);
    t.ok(Math.abs(frameNumbers(listener.bytes).length - 23) <= 1);
    clock.advance(100 * FRAME_MS);
    const numbers = frameNumbers(listener.bytes);
    t.ok(Math.abs(numbers.length - 123) <= 1, `${numbers.length} frames`);
    t.same(
      numbers,
      range(0, numbers.length).map((frame) => frame % 10),
    );
  },
);

t.test('one who comes later hears the same frames at the same time, from a frame boundary on', async (t) => {
  const { clock, listen } = start(1000, 5 * FRAME_MS);
  const early = listen();
  clock.advance(1003);
  const late = listen();
  clock.advance(977);
  const numbers = frameNumbers(late.bytes);
  t.same(frameNumbers(early.bytes).slice(-numbers.length), numbers);
  t.equal(numbers[0], Math.floor(1003 / FRAME_MS));
});

t.test('everything ever sent is in the bytes kept, at its place on the time line', async (t) => {
  const { clock, stream, listen } = start(7, 3 * FRAME_MS);
  clock.advance(500);
  const listener = listen();
  clock.advance(500);
  const { bytes, startMs } = stream.bytes();
  t.equal(startMs, 1_000_000 - 3 * FRAME_MS);
  const first = Math.floor((500 + 3 * FRAME_MS - 3 * FRAME_MS) / FRAME_MS);
  const sent = listener.bytes;
  t.same(Buffer.from(bytes.subarray(first * 384, first * 384 + sent.length)), sent);
});

t.test('a stall sends nothing, and afterwards the stream goes on where its time line is', async (t) => {
  const { clock, stream, listen } = start(10_000);
  const listener = listen();
  clock.advance(10 * FRAME_MS);
  stream.stall();
  const before = frameNumbers(listener.bytes).length;
  clock.advance(100 * FRAME_MS);
  t.equal(frameNumbers(listener.bytes).length, before);
  stream.resume();
  clock.advance(10 * FRAME_MS);
  t.equal(frameNumbers(listener.bytes)[before], 111);
});

t.test('an ended stream ends cleanly, a cut one is cut, and neither is written to any more', async (t) => {
  const { clock, stream, listen } = start(10);
  const ended = listen();
  stream.end();
  const cut = listen();
  stream.cut();
  const { length } = ended.bytes;
  clock.advance(1000);
  t.equal(ended.ending, 'end');
  t.equal(cut.ending, 'cut');
  t.equal(ended.bytes.length, length);
  t.equal(stream.listenerCount, 0);
});

t.test('a listener that does not take its bytes is cut, the others are not', async (t) => {
  const { clock, stream, listen } = start(10);
  const slow = listen();
  const quick = listen();
  slow.queuedBytes = 600 << 10;
  clock.advance(100);
  t.equal(slow.ending, 'cut');
  t.equal(quick.ending, undefined);
  t.equal(stream.listenerCount, 1);
});
