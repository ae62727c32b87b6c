import t from 'tap';
import { IcyInterleaver } from '../../source-system/icy-interleaver.js';

function parse(bytes: Uint8Array, everyBytes: number): { sound: Buffer; titles: string[] } {
  const sound: Uint8Array[] = [];
  const titles: string[] = [];
  for (let at = 0; at < bytes.length;) {
    sound.push(bytes.subarray(at, at + everyBytes));
    at += everyBytes;
    if (at >= bytes.length) break;
    const length = (bytes[at] ?? 0) * 16;
    titles.push(
      Buffer.from(bytes.subarray(at + 1, at + 1 + length))
        .toString('utf8')
        .replace(/\0+$/, ''),
    );
    at += 1 + length;
  }
  return { sound: Buffer.concat(sound), titles };
}

t.test('a title stands after each metaint of sound, once until it changes; the sound is whole', async (t) => {
  const icy = new IcyInterleaver(100);
  const sound = Buffer.from(Array.from({ length: 750 }, (_, index) => index % 256));
  const sent: Uint8Array[] = [];
  for (let at = 0; at < sound.length; at += 30) {
    sent.push(icy.insert(sound.subarray(at, at + 30), at < 300 ? 'Bản tin' : 'Ca nhạc'));
  }
  const parsed = parse(Buffer.concat(sent), 100);
  t.same(parsed.sound, sound);
  t.same(parsed.titles, ["StreamTitle='Bản tin';", '', '', "StreamTitle='Ca nhạc';", '', '', '']);
});

t.test('a title that is too long or has a quote in it does not break the block', async (t) => {
  const { sound, titles } = parse(new IcyInterleaver(10).insert(Buffer.alloc(10), "it's"), 10);
  t.equal(sound.length, 10);
  t.same(titles, ["StreamTitle='it s';"]);
  const long = new IcyInterleaver(10).insert(Buffer.alloc(10), 'ấ'.repeat(5000));
  t.ok(long.length <= 10 + 1 + 255 * 16);
  t.equal(long.length, 10 + 1 + (long[10] ?? 0) * 16);
});
