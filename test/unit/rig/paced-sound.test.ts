import t from 'tap';
import { pagesOf } from '../../rig/paced-sound.js';

function page(granule: number, body: string): Buffer {
  const header = Buffer.alloc(27);
  header.write('OggS', 0, 'latin1');
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt8(1, 26);
  return Buffer.concat([header, Buffer.from([body.length]), Buffer.from(body)]);
}

t.test('an Ogg Opus is cut into its head and pages that are due where the one before ended', async (t) => {
  const pages = [page(0, 'OpusHead'), page(0, 'OpusTags'), page(960, 'a'), page(2_880, 'bb')];
  const sound = pagesOf(Buffer.concat(pages));
  t.same(Buffer.from(sound.head), Buffer.concat(pages.slice(0, 2)));
  t.same(
    sound.pieces.map(({ bytes, dueMs }) => [Buffer.from(bytes).toString('latin1', 28), dueMs]),
    [
      ['a', 0],
      ['bb', 20],
    ],
  );
  t.equal(sound.lengthMs, 60);
});

t.test('what is no Ogg is refused', async (t) => {
  t.throws(() => pagesOf(Buffer.from('not a page')), /no page of Ogg at byte 0/);
});
