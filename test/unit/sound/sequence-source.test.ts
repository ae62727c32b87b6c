import t from 'tap';
import { OffsetSource } from '../../../agent/sound/sources/offset-source.js';
import { SequenceSource, type Piece } from '../../../agent/sound/sources/sequence-source.js';
import { StoredSource } from '../../../agent/sound/sources/stored-source.js';
import type { Refusal } from '../../../agent/core/errors.js';
import type { Source } from '../../../agent/sound/sources/source.js';
import { ManualClock } from '../../support/manual-clock.js';

function piece(level: number, frames: number, pauseFrames = 0): Piece {
  return { open: () => new StoredSource(new Float32Array(frames).fill(level)), pauseFrames };
}

const broken: Refusal = { code: 'E_MEDIA_DIGEST', detail: 'not what was signed' };

function failing(): Source {
  const inner = new StoredSource(new Float32Array(0));
  return Object.defineProperty(inner, 'failure', { value: broken });
}

function all(source: Source, block = 7): number[] {
  const heard: number[] = [];
  for (let i = 0; i < 1000 && !source.ended; i += 1) {
    const into = new Float32Array(block);
    heard.push(...into.subarray(0, source.read(into)).map((one) => one));
  }
  return heard.map((one) => Math.round(one * 10) / 10);
}

t.test('pieces follow each other without a gap but their pauses, as often as asked', async (t) => {
  const source = new SequenceSource([piece(0.1, 3, 2), piece(0.2, 2)], 2, () => t.fail('no trouble'));
  t.same(all(source), [0.1, 0.1, 0.1, 0, 0, 0.2, 0.2, 0.1, 0.1, 0.1, 0, 0, 0.2, 0.2]);
  t.equal(source.failure, undefined);
});

t.test('a piece that fails makes way for the next, and is told', async (t) => {
  const told: string[] = [];
  const source = new SequenceSource([{ open: failing, pauseFrames: 5 }, piece(0.2, 2)], 1, ({ code }) =>
    told.push(code),
  );
  t.same(all(source), [0.2, 0.2]);
  t.same(told, ['E_MEDIA_DIGEST']);
  t.equal(source.failure, undefined);
});

t.test(
  'a playlist of which nothing can be heard fails once, however often it was to be played',
  async (t) => {
    let opened = 0;
    const open = (): Source => {
      opened += 1;
      return failing();
    };
    const source = new SequenceSource([{ open, pauseFrames: 0 }], 100, () => undefined);
    t.equal(source.ended, true);
    t.equal(source.failure?.code, 'E_MEDIA_DIGEST');
    t.equal(opened, 1);
  },
);

t.test('a source that is joined late begins where it would be by now', async (t) => {
  const clock = new ManualClock();
  const ramp = Float32Array.from({ length: 96_000 }, (_, i) => i / 96_000);
  const source = new OffsetSource(new StoredSource(ramp), 1_000, clock);
  t.equal(source.ready, true);
  const into = new Float32Array(1);
  source.read(into);
  t.equal(Math.round((into[0] ?? 0) * 96_000), 48_000);
});

t.test('a source that is joined after its end has ended', async (t) => {
  const source = new OffsetSource(new StoredSource(new Float32Array(480)), 1_000, new ManualClock());
  t.equal(source.ready, false);
  t.equal(source.ended, true);
});
