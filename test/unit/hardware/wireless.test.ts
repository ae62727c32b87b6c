import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readWireless, wirelessOf } from '../../../hardware/sensors/wireless.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const HEAD = `Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
`;

t.test('quality and dBm are read; a driver without dBm tells its quality alone', async (t) => {
  const table = `${HEAD} wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0
wlp2s0b1: 0000   70   -256   -256       0      0      0      0      0        0
  ra0: 0000   80.  190.  0.        0      0      0      0      0        0
`;
  t.same(wirelessOf(table), [
    { name: 'wlan0', quality: 54, signalDbm: -56 },
    { name: 'wlp2s0b1', quality: 70 },
    { name: 'ra0', quality: 80 },
  ]);
});

t.test('without wireless interfaces, without the file, and of nonsense nothing is read', async (t) => {
  const folder = await temporaryFolder(t);
  t.same(readWireless(folder), []);
  await mkdir(join(folder, 'net'));
  await writeFile(join(folder, 'net/wireless'), HEAD);
  t.same(readWireless(folder), []);
  t.same(wirelessOf(`${HEAD}\n: 0000 x\n${'a'.repeat(40)}: 0000 1. -5. 0\n`), []);
});
