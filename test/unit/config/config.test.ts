import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { checkConfig, readConfig } from '../../../agent/config.js';
import { settingRows, settingsDocument } from '../../../agent/print-settings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** `broker.port` and a value as the object that a file would hold. */
const given = (key: string, value: unknown): object =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;

t.test('without a file the defaults hold, and nobody can change them', async (t) => {
  const config = readConfig(undefined);
  t.equal(config.broker.port, 8883);
  t.throws(() => Object.assign(config.broker, { port: 1 }), TypeError);
  t.throws(() => (config.media.plainHosts as string[]).push('x'), TypeError);
});

t.test('every key has a meaning in both languages, a default and an example that are valid', async (t) => {
  for (const { key, doc, docVi, ...row } of settingRows()) {
    t.ok(doc.length > 5 && docVi.length > 5 && doc !== docVi, key);
    t.doesNotThrow(() => checkConfig(given(key, row.example)), `${key}: the example`);
    t.doesNotThrow(() => checkConfig(given(key, row.default)), `${key}: the default`);
    if (/(Ms|S|Mb)$/.test(key)) t.ok(row.unit, `${key} has a unit`);
  }
  t.ok(settingRows().length >= 18);
});

t.test('agent/SETTINGS.md says what the code says', async (t) => {
  t.equal(
    await readFile('agent/SETTINGS.md', 'utf8'),
    settingsDocument(),
    'print it again: the file says how',
  );
  for (const { key } of settingRows()) t.ok(settingsDocument().includes(`| \`${key}\` |`), key);
});

const wrong: readonly [string, unknown][] = [
  ['broker.prot', 8883],
  ['colour', 'red'],
  ['broker.port', 0],
  ['broker.port', 65_536],
  ['broker.port', '8883'],
  ['broker', 8883],
  ['media.publicAnchors', 'no'],
  ['media.publicAnchors', 0],
  ['broker.port', 88.5],
  ['broker.host', ''],
  ['broker.host', 'a b'],
  ['broker.keepaliveS', 1],
  ['sound.sink', 'pulse'],
  ['sound.bufferMs', 19],
  ['sound.device', ''],
  ['media.plainHosts', 'host'],
  ['media.plainHosts', ['http://x/']],
  ['media.plainHosts', Array.from({ length: 33 }, () => 'h')],
  ['media.publicAnchors', 'yes'],
  ['telemetry.everyS', null],
  ['language', 'fr'],
];
for (const [key, value] of wrong) {
  t.test(`${key} = ${JSON.stringify(value).slice(0, 40)} is refused, and the key named`, async (t) => {
    t.throws(() => checkConfig(given(key, value)), {
      code: 'E_CONFIG_KEY',
      message: new RegExp(key.replace('.', '\\.')),
    });
  });
}

t.test('a shortest delay above the longest is refused', async (t) => {
  t.throws(() => checkConfig({ broker: { retryMinMs: 5_000, retryMaxMs: 1_000 } }), {
    code: 'E_CONFIG_KEY',
    message: /retryMinMs/,
  });
});

t.test('a file that is not there, not JSON or no object is E_CONFIG_READ', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'loa.json');
  t.throws(() => readConfig(path), { code: 'E_CONFIG_READ' });
  for (const content of ['{', '[]', 'null', '"x"', '']) {
    await writeFile(path, content);
    t.throws(() => readConfig(path), { code: 'E_CONFIG_READ' }, content);
  }
});

t.test('quieter times are times of one day, and nothing is made louder', async (t) => {
  const good = { from: '20:00', to: '24:00', gainDb: -6 };
  t.same(checkConfig({ volume: { byTime: [good] } }).volume.byTime, [good]);
  for (const bad of [
    { ...good, from: '22:00', to: '05:00' },
    { ...good, gainDb: 3 },
    { ...good, to: '24:30' },
    { ...good, louder: true },
  ])
    t.throws(() => checkConfig({ volume: { byTime: [bad] } }), { code: 'E_CONFIG_KEY' });
});
