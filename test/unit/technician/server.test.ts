import { once } from 'node:events';
import { stat, writeFile, readFile, access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { accepted, refused } from '../../../agent/core/errors.js';
import { askReceiver } from '../../../agent/technician/client.js';
import { TechnicianServer, type TechnicianDesk } from '../../../agent/technician/server.js';
import type { Status } from '../../../agent/technician/status.js';
import type { Permit } from '../../../protocols/permit.js';
import { KeptLog } from '../../support/kept-log.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { NO_UPDATES } from '../../fakes/update-desk.js';

const status = { receiver: 'loa-0001', uptimeS: 5 } as Status;

const unasked = (): never => {
  throw new Error('not asked for here');
};
const UNASKED = {
  alarms: () => [],
  health: () => ({}),
  day: unasked,
  why: unasked,
  cache: unasked,
  trust: unasked,
  renew: unasked,
  test: unasked,
  leaveSafe: unasked,
  board: unasked,
  line: unasked,
  anchors: unasked,
  accept: unasked,
  history: unasked,
  update: NO_UPDATES,
  play: unasked,
  permit: unasked,
  stop: unasked,
  done: () => undefined,
};

async function serverRig(
  t: Teardown,
  desk: Partial<TechnicianDesk> = {},
): Promise<{ path: string; server: TechnicianServer; asked: unknown[] }> {
  const path = join(await temporaryFolder(t), 'run', 'loa.sock');
  const asked: unknown[] = [];
  const tone = (wish: unknown) => {
    asked.push(wish);
    return accepted('play 1');
  };
  const server = await TechnicianServer.listen(
    path,
    { ...UNASKED, status: () => status, tone, ...desk },
    new KeptLog(),
  );
  t.teardown(() => server.close());
  return { path, server, asked };
}

t.test('status and tone are answered over a socket that only owner and group may use', async (t) => {
  const { path, asked } = await serverRig(t);
  t.same(await askReceiver(path, 'GET', '/v1/status'), status);
  t.same(await askReceiver(path, 'POST', '/v1/tone', { durationMs: 100 }), { playId: 'play 1' });
  t.same(asked, [{ durationMs: 100 }]);
  t.equal((await stat(path)).mode & 0o777, 0o660);
});

t.test('a refusal comes to the client with its own code', async (t) => {
  const { path } = await serverRig(t, { tone: () => refused('E_LOCAL_LIMIT', 'too loud') });
  await t.rejects(askReceiver(path, 'POST', '/v1/tone', {}), { code: 'E_LOCAL_LIMIT', message: /too loud/ });
});

t.test('what is not understood is E_USAGE: another path, no JSON, too much of it', async (t) => {
  const { path, asked } = await serverRig(t);
  await t.rejects(askReceiver(path, 'GET', '/v1/nothing'), { code: 'E_USAGE' });
  await t.rejects(askReceiver(path, 'POST', '/v1/status'), { code: 'E_USAGE' });
  await t.rejects(askReceiver(path, 'POST', '/v1/tone'), { code: 'E_USAGE' });
  await t.rejects(askReceiver(path, 'POST', '/v1/tone', { x: 'x'.repeat(20_000) }), { code: 'E_USAGE' });
  t.same(asked, []);
});

t.test('a fault inside is answered, and the next question too', async (t) => {
  let fails = true;
  const { path } = await serverRig(t, {
    status() {
      if (fails) throw new Error('boom');
      return status;
    },
  });
  await t.rejects(askReceiver(path, 'GET', '/v1/status'), { code: 'E_INTERNAL' });
  fails = false;
  t.same(await askReceiver(path, 'GET', '/v1/status'), status);
});

t.test('a second receiver on the same socket is refused, and the first goes on', async (t) => {
  const { path } = await serverRig(t);
  await t.rejects(
    TechnicianServer.listen(
      path,
      { ...UNASKED, status: () => status, tone: () => accepted('x') },
      new KeptLog(),
    ),
    {
      code: 'E_STORE_OPEN',
    },
  );
  t.same(await askReceiver(path, 'GET', '/v1/status'), status);
});

t.test('a file that is no socket is left alone', async (t) => {
  const path = join(await temporaryFolder(t), 'precious');
  await writeFile(path, 'data');
  await t.rejects(
    TechnicianServer.listen(
      path,
      { ...UNASKED, status: () => status, tone: () => accepted('x') },
      new KeptLog(),
    ),
    {
      code: 'E_STORE_OPEN',
    },
  );
  t.equal(await readFile(path, 'utf8'), 'data');
});

t.test('closed, nobody answers: E_NOT_RUNNING, and the socket is gone', async (t) => {
  const { path, server } = await serverRig(t);
  await server.close();
  await t.rejects(askReceiver(path, 'GET', '/v1/status'), { code: 'E_NOT_RUNNING' });
  await t.rejects(access(path));
});

t.test('one that answers with something else than JSON is no receiver', async (t) => {
  const path = join(await temporaryFolder(t), 'other.sock');
  const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
  other.listen(path);
  await once(other, 'listening');
  t.teardown(() => other.close());
  await t.rejects(askReceiver(path, 'GET', '/v1/status'), { code: 'E_NOT_RUNNING' });
});

t.test('what is done on site is kept with what the client tells of who does it', async (t) => {
  const done: string[][] = [];
  const { path } = await serverRig(t, {
    done: (action, who) => done.push([action, who]),
    stop: () => 1,
    play: async (signed) => (signed === 'good' ? 'accepted' : 'refused'),
    permit: async (signed) =>
      signed === 'good' ? accepted({ id: 'permit 1' } as Permit) : refused('E_COMMAND_TIME', 'another day'),
    test: async () => ({ ok: true }) as never,
  });
  t.same(await askReceiver(path, 'POST', '/v1/permit', { signed: 'good' }), { id: 'permit 1' });
  await t.rejects(askReceiver(path, 'POST', '/v1/permit', { signed: 'bad' }), { code: 'E_COMMAND_TIME' });
  t.same(await askReceiver(path, 'POST', '/v1/stop', {}), { stopped: 1 });
  t.same(await askReceiver(path, 'POST', '/v1/play', { signed: 'good' }), { offered: 'accepted' });
  t.same(await askReceiver(path, 'POST', '/v1/play', { signed: 'bad' }), { offered: 'refused' });
  await askReceiver(path, 'POST', '/v1/tone', {});
  await askReceiver(path, 'POST', '/v1/acted', { action: 'config set\u001b[2J' });
  await t.rejects(askReceiver(path, 'POST', '/v1/acted', { action: '' }), { code: 'E_USAGE' });
  t.same(
    done.map(([action]) => action),
    [
      ...['permit: permit 1', 'permit: E_COMMAND_TIME'],
      ...['stop: 1', 'play: accepted', 'play: refused', 'tone: ok', 'acted: config set\ufffd[2J'],
    ],
  );
  t.ok(done.every(([, who = '']) => who.length > 1));
});
