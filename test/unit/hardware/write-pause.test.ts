import t from 'tap';
import { WritePause } from '../../../hardware/sinks/write-pause.js';

const TICK = 30;
const FRAMES = 1_440;

/** Written every 30 ms, but for one pause before the n-th write. */
function written(pauseMs: number, before: number): { pause: WritePause; atMs: number } {
  const pause = new WritePause(60);
  let atMs = 1_000;
  for (let n = 0; n < 10; n += 1) {
    atMs += n === before ? pauseMs : TICK;
    pause.wrote(n * FRAMES, atMs);
  }
  return { pause, atMs };
}

t.test('regular turns are no pause: a gap after them came of the player', async (t) => {
  const { pause, atMs } = written(TICK, 0);
  t.equal(pause.frameAfter(atMs), undefined);
});

t.test('a turn that is a little late runs no card dry', async (t) => {
  const { pause, atMs } = written(59, 8);
  t.equal(pause.frameAfter(atMs), undefined);
});

t.test('what is written after a long pause is known by its first frame, for 300 ms', async (t) => {
  const { pause, atMs } = written(100, 8);
  t.equal(pause.frameAfter(atMs), 8 * FRAMES);
  t.equal(pause.frameAfter(atMs + 269), 8 * FRAMES);
  t.equal(pause.frameAfter(atMs + 270), undefined);
});

t.test('of two pauses the longer one counts while it is recent', async (t) => {
  const pause = new WritePause(60);
  [0, 100, 170].forEach((atMs, n) => pause.wrote(n * FRAMES, atMs));
  t.equal(pause.frameAfter(170), FRAMES);
  pause.wrote(3 * FRAMES, 290);
  t.equal(pause.frameAfter(290), 3 * FRAMES);
});
