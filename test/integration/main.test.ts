import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { accepted } from '../../agent/core/errors.js';
import { TechnicianServer } from '../../agent/technician/server.js';
import type { Status } from '../../agent/technician/status.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { KeptLog } from '../support/kept-log.js';
import { runTool } from '../support/external-tool.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { NO_UPDATES } from '../fakes/update-desk.js';

const program = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');

async function loa(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { exitCode, output, errorText } = await runTool(process.execPath, [program, ...args]);
  return { code: exitCode, out: output.toString(), err: errorText };
}

t.test('--help names every verb and its exit codes, in both languages', async (t) => {
  const [vi, en] = [await loa('--help', '--lang', 'vi'), await loa('--help', '--lang=en')];
  for (const { code, out } of [vi, en]) {
    t.equal(code, 0);
    for (const verb of ['run', 'status', 'tone', 'certificate request', 'certificate install']) {
      t.match(out, new RegExp(`^  ${verb}`, 'm'), verb);
    }
  }
  t.match(vi.out, /Cách dùng/);
  t.match(vi.out, /Mã thoát: 0 xong/);
  t.match(en.out, /Exit codes: 0 done/);
  t.equal((await loa('--lang', 'en')).out, en.out, 'and so does no verb at all');
});

t.test('--version prints the version alone', async (t) => {
  t.match(await loa('--version'), { code: 0, out: /^\d+\.\d+\.\d+\n$/, err: '' });
});

for (const args of [
  ['play'],
  ['status', '--jsn'],
  ['status', 'now'],
  ['tone', '--hz', 'high'],
  ['tone', '--loud'],
  ['certificate'],
  ['certificate', 'request'],
  ['status', '--config'],
  ['status', '--lang', 'fr'],
]) {
  t.test(`wrong usage ends with 2: loa ${args.join(' ')}`, async (t) => {
    t.equal((await loa(...args)).code, 2);
  });
}

t.test(
  'a configuration that cannot be read or has a wrong key ends with 1, and says what to do',
  async (t) => {
    const path = join(await temporaryFolder(t), 'loa.json');
    t.match(await loa('status', '--config', path, '--lang', 'en'), {
      code: 1,
      err: /E_CONFIG_READ[^]*Remedy: /,
    });
    await writeFile(path, '{"brokr":{}}');
    const { code, out, err } = await loa('status', '--config', path, '--lang', 'vi', '--json');
    t.equal(code, 1);
    t.match(err, /E_CONFIG_KEY[^]*brokr[^]*Nguyên nhân: [^]*Cách xử lý: /);
    t.match(JSON.parse(out), { code: 'E_CONFIG_KEY', cause: /Cấu hình/ });
  },
);

const unasked = (): never => {
  throw new Error('not asked for here');
};

t.test('without a receiver status and tone end with 3; with one, with 0', async (t) => {
  const folder = await temporaryFolder(t);
  const [config, socketPath] = [join(folder, 'loa.json'), join(folder, 'loa.sock')];
  await writeFile(config, JSON.stringify({ socketPath, stateFolder: folder }));
  t.match(await loa('status', '--config', config), { code: 3, err: /E_NOT_RUNNING/ });
  t.equal((await loa('tone', '--config', config)).code, 3);

  const asked: unknown[] = [];
  const server = await TechnicianServer.listen(
    socketPath,
    {
      status: () => ({ receiver: 'loa-0001' }) as Status,
      trust: unasked,
      day: unasked,
      why: unasked,
      cache: unasked,
      test: () => Promise.resolve({ ok: true, atMs: 0, tookMs: 0, verified: 1, framesConsumed: 48_000 }),
      leaveSafe: () => accepted(undefined),
      alarms: unasked,
      health: unasked,
      board: unasked,
      line: unasked,
      renew: () => accepted(undefined),
      anchors: () => undefined,
      accept: unasked,
      history: unasked,
      update: NO_UPDATES,
      play: unasked,
      permit: unasked,
      stop: unasked,
      done: () => undefined,
      tone(wish) {
        asked.push(wish);
        return accepted('play 1');
      },
    },
    new KeptLog(),
  );
  t.teardown(() => server.close());
  t.match(await loa('status', '--json', '--config', config), { code: 0, out: '{"receiver":"loa-0001"}\n' });
  t.match(await loa('tone', '--hz', '440', '--seconds', '0.5', '--db', '-30', '--config', config), {
    code: 0,
  });
  t.same(asked, [{ frequencyHz: 440, durationMs: 500, levelDb: -30 }]);
});

t.test('loa run without an identity ends with 1 and does not hang', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'loa.json');
  await writeFile(
    config,
    JSON.stringify({ socketPath: join(folder, 's'), stateFolder: join(folder, 'state') }),
  );
  t.match(await loa('run', '--config', config), { code: 1, err: /E_IDENTITY_/ });
});
