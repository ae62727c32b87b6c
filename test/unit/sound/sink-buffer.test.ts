import t from 'tap';
import { SinkBuffer, STARTING_MS } from '../../../agent/sound/sink-buffer.js';

t.test('an underrun widens the buffer by half, up to its cap', async (t) => {
  const buffer = new SinkBuffer(40, 120);
  const widths = [buffer.ms];
  for (let i = 1; i <= 4; i += 1) {
    buffer.ranDry(i * 10_000);
    widths.push(buffer.ms);
  }
  t.same(widths, [40, 60, 90, 120, 120]);
});

t.test('underruns of one stall widen it once', async (t) => {
  const buffer = new SinkBuffer(40, 200);
  for (const ms of [1_000, 1_020, 1_300, 1_700]) buffer.ranDry(ms);
  t.equal(buffer.ms, 60);
});

t.test('after ten quiet minutes it narrows, a step a minute, and never below the setting', async (t) => {
  const buffer = new SinkBuffer(40, 200);
  buffer.ranDry(0);
  const at: number[] = [];
  for (let ms = 0; ms < 1_200_000; ms += 1_000) {
    const before = buffer.ms;
    buffer.rest(ms);
    if (buffer.ms !== before) at.push(ms / 60_000);
  }
  t.same(at, [10, 11, 12, 13]);
  t.equal(buffer.ms, 40);
});

t.test('an underrun in the quiet time begins it again', async (t) => {
  const buffer = new SinkBuffer(40, 60);
  buffer.ranDry(0);
  buffer.ranDry(599_000);
  buffer.rest(600_000);
  t.equal(buffer.ms, 60);
});

t.test('without a cap it stays as it is', async (t) => {
  const buffer = new SinkBuffer(40, 0);
  buffer.ranDry(1_000);
  t.equal(buffer.ms, 40);
});

t.test('a stall of the start widens it only where a play was heard', async (t) => {
  const buffer = new SinkBuffer(40, 200, 5_000);
  buffer.ranDry(5_000 + STARTING_MS - 1, 'silence');
  t.equal(buffer.ms, 40);
  buffer.ranDry(5_000 + STARTING_MS, 'silence');
  t.equal(buffer.ms, 60);
  const other = new SinkBuffer(40, 200, 5_000);
  other.ranDry(6_000, 'play');
  t.equal(other.ms, 60);
});
