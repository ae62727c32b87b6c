import type { RequestListener } from 'node:http';
import t from 'tap';
import type { OnBytes } from '../../../agent/sound/fetched-bytes.js';
import { openBytes } from '../../../agent/sound/sources/http-bytes.js';
import { startMediaHost } from '../../fakes/media-host.js';

const never = (): AbortSignal => new AbortController().signal;

const answer: RequestListener = (request, response) => {
  const to = (location: string): void => void response.writeHead(302, { location }).end();
  switch (request.url ?? '') {
    case '/sound':
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-metaint': '16000' }).end('sound');
      return;
    case '/moved':
      to('/sound');
      return;
    case '/loop':
      to('/loop');
      return;
    case '/elsewhere':
      to('http://localhost:1/sound');
      return;
    case '/nowhere':
      to('http://');
      return;
    case '/secure':
      to(`https://${request.headers.host ?? ''}/sound`);
      return;
    case '/cut':
      response.writeHead(200, { 'content-length': '1000' }).write('half');
      setImmediate(() => response.destroy());
      return;
    case '/silent':
      response.writeHead(200).write('one');
      return;
    default:
      response.writeHead(404).end('<html>');
  }
};

t.test('bytes, type and metadata interval come from the answer; then comes the end', async (t) => {
  const host = await startMediaHost(t, answer);
  const stream = await openBytes(host.url('/sound'), host.access, never());
  t.equal(stream.contentType, 'audio/mpeg');
  t.equal(stream.icyInterval, 16_000);
  t.equal(Buffer.from((await stream.next()) ?? []).toString(), 'sound');
  t.equal(await stream.next(), undefined);
});

t.test(
  'what crosses the network is told: all of the answer, and the question, on which address',
  async (t) => {
    const sound = Buffer.alloc(100_000, 1);
    const host = await startMediaHost(t, (_, response) => response.end(sound));
    const told = {
      received: 0,
      sent: 0,
      purposes: new Set<string>(),
      addresses: new Set<unknown>(),
    };
    const onBytes: OnBytes = (purpose, received, sent, address) => {
      told.received += received;
      told.sent += sent;
      told.purposes.add(purpose);
      told.addresses.add(address);
    };
    const asked = { purpose: 'media' } as const;
    const stream = await openBytes(host.url('/sound'), { ...host.access, onBytes }, never(), asked);
    while ((await stream.next()) !== undefined);
    stream.close();
    // Headers of an answer are some hundred bytes, chunks of a transfer a few each.
    t.ok(told.received >= sound.length && told.received < sound.length + 2_000, `${told.received} received`);
    t.ok(told.sent > 50 && told.sent < 1_000, `${told.sent} sent`);
    t.same([...told.purposes, ...told.addresses], ['media', '127.0.0.1']);
  },
);

t.test('a redirect within the same host is followed', async (t) => {
  const host = await startMediaHost(t, answer);
  const stream = await openBytes(host.url('/moved'), host.access, never());
  t.equal(Buffer.from((await stream.next()) ?? []).toString(), 'sound');
});

const redirects = ['/elsewhere', '/nowhere', '/secure', '/loop'];
for (const path of redirects) {
  t.test(`a redirect is refused: ${path}`, async (t) => {
    const host = await startMediaHost(t, answer);
    const access = { ...host.access, plainHosts: [...host.access.plainHosts, 'localhost'] };
    await t.rejects(openBytes(host.url(path), access, never()), { code: 'E_MEDIA_ADDRESS' });
    t.ok(host.asked.length <= 4, 'after at most three hops');
  });
}

t.test('plain http is refused unless the host is on the local list, and nobody is asked', async (t) => {
  const host = await startMediaHost(t, answer);
  for (const plainHosts of [[], ['127.0.0.1:1'], ['localhost']]) {
    await t.rejects(openBytes(host.url('/sound'), { ...host.access, plainHosts }, never()), {
      code: 'E_MEDIA_ADDRESS',
    });
  }
  t.same(host.asked, []);
  await t.resolves(openBytes(host.url('/sound'), { ...host.access, plainHosts: ['127.0.0.1'] }, never()));
});

for (const address of [
  'https://u:p@media.example/a',
  'https://u@media.example/a',
  'file:///etc/passwd',
  'ftp://a/b',
  'x',
]) {
  t.test(`the address ${address} is refused`, async (t) => {
    const access = { anchorsPem: [], plainHosts: [], stallMs: 1_000 };
    await t.rejects(openBytes(address, access, never()), { code: 'E_MEDIA_ADDRESS' });
  });
}

t.test('404 is a refusal with the status, not sound', async (t) => {
  const host = await startMediaHost(t, answer);
  await t.rejects(openBytes(host.url('/x'), host.access, never()), {
    code: 'E_MEDIA_STATUS',
    fields: { status: 404 },
  });
});

t.test('a server that is not there is E_MEDIA_CONNECT', async (t) => {
  const access = { anchorsPem: [], plainHosts: ['127.0.0.1'], stallMs: 1_000 };
  await t.rejects(openBytes('http://127.0.0.1:1/', access, never()), { code: 'E_MEDIA_CONNECT' });
});

t.test('a server that falls silent is a stall, and its connection is given up', async (t) => {
  const host = await startMediaHost(t, answer, { stallMs: 60 });
  const stream = await openBytes(host.url('/silent'), host.access, never());
  await stream.next();
  await t.rejects(stream.next(), { code: 'E_MEDIA_STALL' });
});

t.test('an answer that is cut is not taken for its end', async (t) => {
  const host = await startMediaHost(t, answer);
  const stream = await openBytes(host.url('/cut'), host.access, never());
  await stream.next();
  await t.rejects(stream.next(), { code: 'E_MEDIA_CONNECT' });
});

t.test('aborting ends a read that waits', async (t) => {
  const host = await startMediaHost(t, answer);
  const abort = new AbortController();
  const stream = await openBytes(host.url('/silent'), host.access, abort.signal);
  await stream.next();
  const waiting = stream.next();
  abort.abort();
  await t.rejects(waiting, { code: 'E_MEDIA_CONNECT' });
});
