import t from 'tap';
import { UnreadFrames } from '../../../agent/sound/unread-frames.js';

const count = (from: number, frames: number): Float32Array =>
  Float32Array.from({ length: frames }, (_, i) => from + i);

function read(unread: UnreadFrames, frames: number): number[] {
  const into = new Float32Array(frames);
  return [...into.subarray(0, unread.read(into))];
}

t.test('frames taken back are read again, in their order, across the end of its memory', async (t) => {
  const unread = new UnreadFrames(10);
  unread.keep(count(0, 7));
  unread.keep(count(7, 6));
  unread.takeBack(8);
  t.equal(unread.length, 8);
  t.same(read(unread, 3), [5, 6, 7]);
  t.same(read(unread, 9), [8, 9, 10, 11, 12]);
  t.same(read(unread, 1), []);
});

t.test('what was read again can be taken back again', async (t) => {
  const unread = new UnreadFrames(10);
  unread.keep(count(0, 6));
  unread.takeBack(4);
  t.same(read(unread, 2), [2, 3]);
  unread.takeBack(2);
  t.same(read(unread, 9), [2, 3, 4, 5]);
});

t.test('what is skipped is not read again, and what is not kept cannot be taken back', async (t) => {
  const unread = new UnreadFrames(4);
  unread.keep(count(0, 9));
  unread.takeBack(3);
  t.equal(unread.skip(2), 2);
  t.same(read(unread, 9), [8]);
  t.equal(unread.skip(5), 0);
  t.throws(() => unread.takeBack(5), RangeError);
});
