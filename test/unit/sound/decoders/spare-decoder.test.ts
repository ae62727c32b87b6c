import t from 'tap';
import type { AudioFormat } from '../../../../agent/sound/audio-format.js';
import type { Decoder, OnPcm } from '../../../../agent/sound/decoders/decoder.js';
import {
  SPARE_AFTER_MS,
  SPARE_KEPT_MS,
  SpareDecoder,
} from '../../../../agent/sound/decoders/spare-decoder.js';
import { ManualClock } from '../../../support/manual-clock.js';

const AAC: AudioFormat = { decoder: 'ffmpeg', demuxer: 'aac' };
const FLAC: AudioFormat = { decoder: 'ffmpeg', demuxer: 'flac' };
const FRAMES = Float32Array.of(0.5);

interface Made extends Decoder {
  readonly onPcm: OnPcm;
  readonly format: AudioFormat;
  closed: boolean;
  broken: boolean;
}

function rigOf() {
  const clock = new ManualClock();
  const made: Made[] = [];
  const spare = new SpareDecoder(async (format, onPcm) => {
    const decoder: Made = {
      ...{ onPcm, format, closed: false, broken: false },
      write: async () => undefined,
      end: async () => undefined,
      failed: () => decoder.broken,
      close() {
        decoder.closed = true;
      },
    };
    made.push(decoder);
    return decoder;
  }, clock);
  /** Plays it to its end, and waits until a spare one may have been made. */
  const play = async (format: AudioFormat): Promise<void> => {
    (await spare.make(format, () => undefined)).close();
    clock.advance(SPARE_AFTER_MS);
    await Promise.resolve();
    await Promise.resolve();
  };
  const alive = (): number => made.filter(({ closed }) => !closed).length;
  return { clock, made, spare, play, alive };
}

t.test('the second play of a format finds its decoder started, and hears through it', async (t) => {
  const { made, spare, play, alive } = rigOf();
  await play(AAC);
  t.equal(made.length, 2);
  t.equal(alive(), 1, 'the first has ended');
  const heard: Float32Array[] = [];
  await spare.make(AAC, (frames) => void heard.push(frames));
  t.equal(made.length, 2, 'none was started for it');
  made[1]?.onPcm(FRAMES);
  t.same(heard, [FRAMES]);
  t.equal(alive(), 1);
});

t.test('a spare one of another kind is ended, and so is one that has failed', async (t) => {
  const { made, spare, play } = rigOf();
  await play(AAC);
  await spare.make(FLAC, () => undefined);
  t.ok(made[1]?.closed);
  t.equal(made[2]?.format, FLAC);
  await play(AAC);
  const waiting = made.at(-1);
  if (waiting !== undefined) waiting.broken = true;
  const before = made.length;
  await spare.make(AAC, () => undefined);
  t.equal(made.length, before + 1);
  t.ok(waiting?.closed);
});

t.test('what decodes in the process, and files that ffmpeg opens itself, need none', async (t) => {
  const { made, play } = rigOf();
  await play({ decoder: 'mp3' });
  await play({ decoder: 'ffmpeg', demuxer: 'mov', path: '/media/x.mp4' });
  t.equal(made.length, 2);
});

t.test('nobody asks for a quarter of an hour: it is given up', async (t) => {
  const { clock, play, alive } = rigOf();
  await play(AAC);
  clock.advance(SPARE_KEPT_MS - 1);
  t.equal(alive(), 1);
  clock.advance(1);
  t.equal(alive(), 0);
  t.equal(clock.waiting, 0);
});

t.test('closed, it leaves nothing behind and starts nothing', async (t) => {
  const { clock, spare, play, alive, made } = rigOf();
  await play(AAC);
  const last = await spare.make(AAC, () => undefined);
  spare.close();
  last.close();
  clock.advance(SPARE_AFTER_MS);
  await Promise.resolve();
  t.equal(alive(), 0);
  t.equal(made.length, 2);
  t.equal(clock.waiting, 0);
});
