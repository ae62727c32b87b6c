import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { keptJson, readKept, writeKept } from '../../../agent/core/kept-file.js';
import { KeptLog } from '../../support/kept-log.js';

async function place(t: { teardown(run: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-kept-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'state.json');
}
const anything = (): void => undefined;

t.test('what is written is read, and a file without a seal is judged by its content', async (t) => {
  const path = await place(t);
  t.same(await readKept(path, anything), { text: undefined, from: 'factory' }, 'nothing there is no damage');
  await writeKept(path, '{"a":1}');
  t.same(await readKept(path, anything), { text: '{"a":1}\n', from: 'file' });
  await writeFile(path, '{"plain":true}');
  t.same(await readKept(path, anything), { text: '{"plain":true}', from: 'file' });
});

t.test('whichever byte the flash changes, the last known good file is read', async (t) => {
  const path = await place(t);
  await writeKept(path, '{"n":1}');
  await writeKept(path, '{"n":2}');
  const whole = await readFile(path);
  for (let at = 0; at < whole.length - 1; at += 1) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await writeFile(path, damaged);
    const { text, from } = await readKept(path, (found) => void JSON.parse(found));
    if (from !== 'good' || text !== '{"n":1}\n') t.fail(`byte ${at}: ${from} ${text}`);
  }
  for (let length = 1; length < whole.length - 1; length += 1) {
    await writeFile(path, whole.subarray(0, length));
    const { text } = await readKept(path, (found) => void JSON.parse(found));
    // A cut that leaves the whole text and no seal at all reads as an unsealed file: the newest content.
    if (text === undefined || !['{"n":1}', '{"n":2}'].includes(text.trim()))
      t.fail(`cut at ${length}: ${text}`);
  }
  await rm(path);
  t.match(await readKept(path, anything), { text: '{"n":1}\n', from: 'good', why: 'missing' });
});

t.test('a damaged file does not become the last known good one', async (t) => {
  const path = await place(t);
  await writeKept(path, '{"n":1}');
  await writeKept(path, '{"n":2}');
  await writeFile(path, '{"n":3}\n#sha256 0\n');
  await writeKept(path, '{"n":4}');
  await writeFile(path, 'torn');
  t.match(await readKept(path, (text) => void JSON.parse(text)), { text: '{"n":1}\n', from: 'good' });
});

t.test('where both are damaged the factory value holds, and it is told', async (t) => {
  const path = await place(t);
  const log = new KeptLog();
  const parse = (value: unknown): { n: number } => {
    if (typeof value !== 'object' || value === null || !('n' in value)) throw new Error('no n');
    return { n: Number(value.n) };
  };
  const file = keptJson({ path, parse, factory: { n: 0 }, log });
  t.same(await file.read(), { n: 0 });
  t.same(log.lines, []);
  await file.write({ n: 1 });
  await file.write({ n: 2 });
  t.same(await file.read(), { n: 2 });
  await writeFile(path, '{}');
  t.same(await file.read(), { n: 1 });
  await writeFile(`${path}.good`, '\u0000'.repeat(10));
  t.same(await file.read(), { n: 0 });
  t.match(log.lines, [
    { level: 'error', fields: { code: 'E_STATE_FILE', from: 'good' } },
    { level: 'error', fields: { code: 'E_STATE_FILE', from: 'factory' } },
  ]);
});
