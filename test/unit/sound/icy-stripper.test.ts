import t from 'tap';
import { IcyStripper } from '../../../agent/sound/icy-stripper.js';

const meta = (text: string): Buffer => {
  const blocks = Math.ceil(Buffer.byteLength(text) / 16);
  const block = Buffer.alloc(1 + blocks * 16);
  block[0] = blocks;
  block.write(text, 1);
  return block;
};
const stream = Buffer.concat([
  Buffer.from('0123456789'),
  meta("StreamTitle='Bản tin sáng';StreamUrl='';"),
  Buffer.from('abcdefghij'),
  meta(''),
  Buffer.from('klmnopqrst'),
  meta("StreamTitle='';"),
  Buffer.from('uvw'),
]);

function strip(chunks: readonly Uint8Array[]): { sound: string; titles: string[] } {
  const titles: string[] = [];
  const stripper = new IcyStripper(10, (title) => titles.push(title));
  const sound = Buffer.concat(chunks.map((chunk) => stripper.strip(chunk))).toString();
  return { sound, titles };
}

t.test('sound and titles are the same wherever the stream is cut in two', async (t) => {
  for (let cut = 0; cut <= stream.length; cut += 1) {
    t.same(
      strip([stream.subarray(0, cut), stream.subarray(cut)]),
      { sound: '0123456789abcdefghijklmnopqrstuvw', titles: ['Bản tin sáng'] },
      `cut at ${cut}`,
    );
  }
});

t.test('sound and titles are the same when the stream comes byte by byte', async (t) => {
  t.same(strip([...stream].map((byte) => Uint8Array.of(byte))), strip([stream]));
});

t.test('a title is kept to 200 characters', async (t) => {
  const { titles } = strip([Buffer.from('0123456789'), meta(`StreamTitle='${'x'.repeat(3_000)}';`)]);
  t.same(titles, ['x'.repeat(200)]);
});
