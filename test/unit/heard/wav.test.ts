import path from 'node:path';
import t from 'tap';
import { encodeWav, parseWav, readWav, writeWav } from '../../heard/wav.js';

const sound = { rateHz: 48_000, samples: Float32Array.from([0, 0.5, -0.5, 1, -1]) };
const kept = [0, 0.5, -0.5, 32_767 / 32_768, -1];

t.test('what is written is read back, and full scale does not wrap', async (t) => {
  const file = path.join(t.testdir(), 'a.wav');
  await writeWav(file, sound);
  const read = await readWav(file);
  t.same([read.rateHz, read.channels, [...read.samples]], [48_000, 1, kept]);
});

t.test('a header that was never finished does not hide the sound', async (t) => {
  for (const size of [0, 0xffff_ffff, 1_000_000]) {
    const bytes = encodeWav(sound);
    bytes.writeUInt32LE(size, 40);
    t.same([...parseWav(bytes).samples], kept);
  }
});

t.test('other chunks are passed over, and channels are mixed', async (t) => {
  const plain = encodeWav({ rateHz: 8000, samples: Float32Array.from([0.5, 0, -0.25, -0.25]) });
  plain.writeUInt16LE(2, 22);
  const list = Buffer.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0]);
  const read = parseWav(Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)]));
  t.same([read.rateHz, read.channels, [...read.samples]], [8000, 2, [0.25, -0.25]]);
});

t.test('what is no 16-bit PCM WAV is refused by name', async (t) => {
  t.throws(() => parseWav(Buffer.from('ID3 and so on'), 'x.mp3'), /x\.mp3 is not a WAV/);
  const wide = encodeWav(sound);
  wide.writeUInt16LE(24, 34);
  t.throws(() => parseWav(wide), /24 bits/);
});
