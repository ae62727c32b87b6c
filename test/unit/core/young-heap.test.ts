import t from 'tap';
import { youngCollector } from '../../../agent/core/young-heap.js';

/** Reads and throws away so many pieces of 64 kB; the most that lay outside the heap meanwhile, MB. */
function flood(pieces: number, collect: () => void): number {
  collect();
  const beforeBytes = process.memoryUsage().arrayBuffers;
  let mostBytes = 0;
  for (let n = 1; n <= pieces; n += 1) {
    Buffer.allocUnsafeSlow(65_536).fill(n);
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - beforeBytes);
    if (n % 16 === 0) collect();
  }
  return mostBytes / 1e6;
}

t.test('pieces that were read and thrown away are given back at once', async (t) => {
  t.comment(`left alone they gather: ${flood(400, () => undefined).toFixed(1)} MB`);
  const collected = flood(400, youngCollector());
  t.ok(collected < 6, `collected each megabyte they do not: ${collected.toFixed(1)} MB`);
});

t.test('nobody else is given the collector', async (t) => {
  youngCollector();
  t.equal('gc' in globalThis, false);
});
