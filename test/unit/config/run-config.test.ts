import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { keepGoodConfig, readRunConfig } from '../../../agent/run-config.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const GOOD = { language: 'en', broker: { host: 'mqtt.tinh.example' } };
/** What a failing disk, a hand and a tool leave of a configuration. */
const SPOILT: Readonly<Record<string, string>> = {
  empty: '',
  torn: '{"language":"en","bro',
  zeros: '\0'.repeat(200),
  'an unknown key': '{"brokr":{}}',
  'a value out of range': '{"broker":{"port":99999}}',
  'a list': '[]',
};

for (const [what, text] of Object.entries(SPOILT)) {
  t.test(
    `a spoilt configuration (${what}) gives way to the last good one, then to what is built in`,
    async (t) => {
      const folder = await temporaryFolder(t);
      const env = { STATE_DIRECTORY: join(folder, 'state'), RUNTIME_DIRECTORY: join(folder, 'run') };
      const path = join(folder, 'loa.json');
      await writeFile(path, JSON.stringify(GOOD));
      t.match(await readRunConfig(path, env), { from: 'file', trouble: undefined });
      await keepGoodConfig(path, env);
      await writeFile(path, text);
      t.match(await readRunConfig(path, env), {
        from: 'good',
        config: { broker: { host: 'mqtt.tinh.example' } },
        trouble: { code: /^E_CONFIG_(READ|KEY)$/ },
      });
      await writeFile(join(folder, 'state', 'loa.json.good'), text);
      t.match(await readRunConfig(path, env), {
        from: 'defaults',
        config: { stateFolder: env.STATE_DIRECTORY, socketPath: join(folder, 'run', 'loa.sock') },
      });
    },
  );
}

t.test('without a service manager the last good one stands beside the file', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'loa.json');
  await writeFile(path, JSON.stringify(GOOD));
  await keepGoodConfig(path, {});
  await rm(path);
  t.match(await readRunConfig(path, {}), { from: 'good', config: { language: 'en' } });
});

t.test('a place that takes nothing is no reason not to start', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'loa.json');
  await writeFile(path, JSON.stringify(GOOD));
  await mkdir(join(folder, '.loa.json.good'));
  await writeFile(join(folder, 'blocked'), '');
  await chmod(folder, 0o700);
  await keepGoodConfig(path, { STATE_DIRECTORY: join(folder, 'blocked') });
  t.match(await readRunConfig(path, {}), { from: 'file' });
});
