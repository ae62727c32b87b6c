import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { repositoryRoot } from '../heard/repository-root.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const program = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');

/** `loa` as a process that goes on, and what it has said so far. */
function following(
  t: Teardown,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { said(): string; readonly ended: Promise<unknown> } {
  const child = spawn(process.execPath, [program, ...words, '--lang', 'en'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { said: () => said, ended };
}

/** A receiver's configuration that nobody has enrolled, and a port where its broker would be. */
async function unenrolled(
  t: Teardown,
): Promise<{ config: string; port: number; write: (more: object) => Promise<void> }> {
  const folder = await temporaryFolder(t);
  const [config, port] = [join(folder, 'loa.json'), await freePort()];
  const write = async (more: object): Promise<void> =>
    writeFile(
      config,
      JSON.stringify({
        ...{ stateFolder: join(folder, 'state'), socketPath: join(folder, 's'), sound: { sink: 'null' } },
        ...{ broker: { host: '127.0.0.1', port }, ...more },
      }),
    );
  await mkdir(join(folder, 'state'));
  await write({});
  return { config, port, write };
}

t.test('log -f shows lines of the journal as they come, readable', { timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const [fake, more] = [join(folder, 'journalctl'), join(folder, 'more')];
  const line = (msg: string): string =>
    JSON.stringify({ level: 40, time: 1_763_856_000_000, module: 'link', msg });
  await writeFile(
    fake,
    [
      ...['#!/bin/sh', `echo "$@" > ${folder}/asked`, `echo '${line('lost')}'`],
      ...[`while [ ! -e ${more} ]; do sleep 0.05; done`, `echo '${line('found')}'`, 'exec sleep 30'],
    ].join('\n'),
  );
  await chmod(fake, 0o755);
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const log = following(t, ['log', '-f', '-n', '7'], env);
  await waitUntil('the first line', () => log.said().includes('link: lost'));
  t.notMatch(log.said(), /found/);
  await writeFile(more, '');
  await waitUntil('the next line', () => log.said().includes('link: found'));
  t.match(log.said(), /^07:00 WARN link: lost\n07:00 WARN link: found\n$/);
  t.equal(await readFile(join(folder, 'asked'), 'utf8'), '-u loa -o cat -n 7 -f\n');
});

t.test(
  'diagnose --since tells what is otherwise than in the run before, and nothing else',
  { timeout: 120_000 },
  async (t) => {
    const { config, write } = await unenrolled(t);
    const first = following(t, ['diagnose', '--config', config]);
    await first.ended;
    t.match(first.said(), /E_/, 'a receiver that nobody enrolled has a fault');
    await write({ volume: { normalDb: -40 } });
    const since = following(t, ['diagnose', '--since', '--config', config]);
    await since.ended;
    t.match(since.said(), /^\[.\] -> \[.\] Volume .*E_VOLUME_ZERO.*$/m);
    t.ok(
      since
        .said()
        .split('\n')
        .filter((text) => text.includes('->')).length <= 3,
      since.said(),
    );
  },
);

t.test(
  'diagnose --watch goes on, and tells what changes: a broker whose port opens',
  { timeout: 150_000 },
  async (t) => {
    const { config, port } = await unenrolled(t);
    const watch = following(t, ['diagnose', '--watch', '--config', config]);
    await waitUntil('the summary', () => /E_\w+/.test(watch.said()), { deadlineMs: 60_000 });
    const before = watch.said();
    t.notMatch(before, /->/);
    const server = createServer((socket) => socket.destroy());
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    await waitUntil('the change', () => /\[X\] -> \[\+\] Server port/.test(watch.said()), {
      deadlineMs: 60_000,
    });
    t.ok(watch.said().startsWith(before), 'what was told stays; only what changed is added');
  },
);
