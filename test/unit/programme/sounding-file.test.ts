import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { SoundingFile } from '../../../agent/programme/sounding-file.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

t.test('what was written last is read, also when writes overtake each other', async (t) => {
  const path = join(await temporaryFolder(t), 'soundings.json');
  const file = new SoundingFile(path);
  t.same(await file.read(), {}, 'nothing at first');
  await Promise.all([1, 2, 3, 4].map((ms) => file.write({ 'province/a': ms })));
  t.same(await new SoundingFile(path).read(), { 'province/a': 4 });
});

t.test('a damaged file counts as none', async (t) => {
  const path = join(await temporaryFolder(t), 'soundings.json');
  for (const content of ['{"a":', '[]', '{"a":"x"}', '']) {
    await writeFile(path, content);
    t.same(await new SoundingFile(path).read(), {}, content);
  }
});

t.test('a write that fails does not stop the next one', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  const file = new SoundingFile(join(folder, 'file', 'soundings.json'));
  await t.rejects(file.write({}), { code: 'E_STORE_WRITE' });
  await t.rejects(file.write({}), { code: 'E_STORE_WRITE' }, 'it was tried');
});
