import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import t from 'tap';
import { WebSocketServer, createWebSocketStream } from 'ws';
import { dial } from '../../../agent/link/dial.js';
import { proxyOf } from '../../../agent/link/http-proxy.js';
import { TlsSessions } from '../../../agent/link/tls-sessions.js';
import { startFakeBroker } from '../../fakes/broker.js';
import { certificates, makeLink, rig, skip, tlsTo, type Tap } from './link-rig.js';
import { handClock } from './support.js';

async function listening(t: Tap, server: Server | HttpServer): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function dialled(port: number, host = '127.0.0.1'): Promise<unknown> {
  const sessions = new TlsSessions(handClock());
  const tls = { ...tlsTo(port, await certificates), host };
  return dial({ tls, route: {}, sessions, meter: () => undefined }, AbortSignal.timeout(20_000)).then(
    ({ stream }) => stream.destroy(),
    (error: unknown) => error,
  );
}

t.test('a name that is not found is told apart from a broker that is not there', { skip }, async (t) => {
  t.match(await dialled(1, 'broker.invalid'), { code: 'E_LINK_DNS', message: /broker\.invalid/ });
  t.match(await dialled(1), { code: 'E_LINK_CONNECT', message: /ECONNREFUSED/ });
});

t.test(
  'a captive portal that answers the handshake in HTTP is named, with where it leads',
  { skip },
  async (t) => {
    const portal = createServer((socket) => {
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 302 Found\r\nLocation: http://nap-the.example/login\r\nContent-Length: 0\r\n\r\n',
        ),
      );
    });
    const port = await listening(t as Tap, portal);
    t.match(await dialled(port), {
      code: 'E_LINK_PORTAL',
      message: /HTTP\/1\.1 302 Found, leads to http:\/\/nap-the\.example\/login/,
    });
    const garbage = createServer((socket) => void socket.once('data', () => socket.end('SSH-2.0-x\r\n')));
    t.match(await dialled(await listening(t as Tap, garbage)), { code: 'E_LINK_TLS' }, 'and nothing else is');
  },
);

t.test('a peer that hangs up in the handshake is told as that', { skip }, async (t) => {
  const port = await listening(
    t as Tap,
    createServer((socket) => void socket.once('data', () => socket.end())),
  );
  t.match(await dialled(port), { code: 'E_LINK_TLS' });
});

t.test('aborting ends a handshake that hangs', { skip }, async (t) => {
  const server = createServer();
  const port = await listening(t as Tap, server);
  const stop = new AbortController();
  const tls = tlsTo(port, await certificates);
  const sessions = new TlsSessions(handClock());
  const waiting = dial({ tls, route: {}, sessions, meter: () => undefined }, stop.signal);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const gone = once(socket, 'close');
  await once(socket, 'data');
  stop.abort();
  await t.rejects(waiting, { code: 'E_LINK_TLS' });
  await gone;
});

t.test('a second connection resumes the TLS session of the first, with fewer bytes', { skip }, async (t) => {
  const bytes: number[] = [0, 0];
  let connection = 0;
  const { link, broker, told } = await rig(
    t as Tap,
    {},
    {
      listener: {
        onUp: () => undefined,
        onDown: () => undefined,
        onMessage: async () => undefined,
        onOversize: () => undefined,
        onBytes: ({ purpose, received, sent }) => {
          if (purpose === 'handshake') bytes[connection] = (bytes[connection] ?? 0) + received + sent;
        },
      },
    },
  );
  const up = async (): Promise<void> => {
    while (link.status().kind !== 'up') await new Promise((resolve) => setTimeout(resolve, 5));
  };
  link.start(new AbortController().signal);
  await up();
  t.equal(link.status().resumed, false);
  // The session tickets of TLS 1.3 come after the handshake.
  await link.publish('m', new Uint8Array(1));
  connection = 1;
  (await broker.connection(1)).cut();
  await broker.connection(2);
  await up();
  t.equal(link.status().resumed, true);
  t.comment(`handshake with TCP payload of ${bytes.join(' B, resumed ')} B`);
  t.ok((bytes[1] ?? Infinity) < 0.75 * (bytes[0] ?? 0));
  link.reopen({ code: 'E_LINK_TLS', detail: 'revoked' });
  await broker.connection(3);
  await up();
  t.equal(link.status().resumed, false, 'and not after what is believed has changed');
  void told;
});

t.test('a session is not used for another host, another certificate, or after a day', { skip }, async (t) => {
  const clock = handClock();
  const sessions = new TlsSessions(clock);
  const options = { host: 'a', port: 1, cert: 'c', ca: ['x'] };
  const session = Buffer.from('s');
  sessions.keep(options, session, false);
  t.equal(sessions.find(options), session);
  for (const other of [{ host: 'b' }, { port: 2 }, { cert: 'd' }, { ca: ['x', 'y'] }])
    t.equal(sessions.find({ ...options, ...other }), undefined, JSON.stringify(other));
  clock.advance(86_399_999);
  sessions.keep(options, Buffer.from('later'), true);
  clock.advance(1);
  t.equal(sessions.find(options), undefined, 'resuming does not prolong it');
});

t.test(
  'a proxy is asked to connect, with its credentials, and the link stands through it',
  { skip },
  async (t) => {
    const tls = await certificates;
    const broker = await startFakeBroker(tls);
    const asked: { url: string | undefined; authorization: string | undefined }[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, near: Socket) => {
      asked.push({ url: request.url, authorization: request.headers['proxy-authorization'] });
      const far = connect(broker.port, '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        far.pipe(near).pipe(far);
      });
      far.on('error', () => near.destroy());
    });
    const port = await listening(t as Tap, proxy);
    const route = { proxy: { host: '127.0.0.1', port, credentials: 'loa:secret' } };
    const { link, told } = makeLink(broker.port, tls, { route });
    link.start(new AbortController().signal);
    await told({ up: 1 });
    t.same(asked, [
      {
        url: `127.0.0.1:${broker.port}`,
        authorization: `Basic ${Buffer.from('loa:secret').toString('base64')}`,
      },
    ]);
    await link.close();
    await broker.close();
  },
);

t.test('a proxy that refuses is named, and its answer is told', { skip }, async (t) => {
  const tls = await certificates;
  const proxy = createHttpServer();
  proxy.on('connect', (_request, near: Socket) =>
    near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  const port = await listening(t as Tap, proxy);
  const { link, told, downs } = makeLink(1, tls, { route: { proxy: { host: '127.0.0.1', port } } });
  link.start(new AbortController().signal);
  await told({ down: 1 });
  t.match(downs, [{ code: 'E_LINK_PROXY', detail: /407/ }]);
  await link.close();
});

t.test('the setting of a proxy is read', async (t) => {
  t.equal(proxyOf(''), undefined);
  t.same(proxyOf('http://10.0.0.1:3128'), { host: '10.0.0.1', port: 3128 });
  t.same(proxyOf('http://a:p%40ss@[fd00::1]:8080'), { host: 'fd00::1', port: 8080, credentials: 'a:p@ss' });
  t.throws(() => proxyOf('socks://x:1'));
});

t.test(
  'MQTT over WebSocket reaches the same broker, and a server without one is told',
  { skip },
  async (t) => {
    const tls = await certificates;
    const broker = await startFakeBroker(tls);
    // The WebSocket server's own TLS, then TLS to the fake broker with the receiver's certificate.
    const { connect: connectTls } = await import('node:tls');
    const server = createTlsServer({ ...tls.server, ca: tls.ca, requestCert: true });
    const upgrades = createHttpServer();
    const sockets = new WebSocketServer({ server: upgrades, path: '/mqtt', handleProtocols: () => 'mqtt' });
    server.on('secureConnection', (socket) => upgrades.emit('connection', socket));
    sockets.on('connection', (socket) => {
      const near = createWebSocketStream(socket);
      const far = connectTls(tlsTo(broker.port, tls));
      for (const one of [near, far]) one.on('error', () => [near, far].forEach((other) => other.destroy()));
      near.pipe(far).pipe(near);
    });
    const port = await listening(t as Tap, server);
    const { link, told, messages } = makeLink(port, tls, { route: { webSocketPath: '/mqtt' } });
    link.start(new AbortController().signal);
    await told({ up: 1 });
    await link.publish('m', new Uint8Array(100_000));
    (await broker.connection(1)).publish('a', 'x'.repeat(60_000), 1);
    await told({ message: 1 });
    t.equal(messages[0]?.length, 60_002);
    await link.close();
    const lost = makeLink(port, tls, { route: { webSocketPath: '/elsewhere' } });
    lost.link.start(new AbortController().signal);
    await lost.told({ down: 1 });
    t.match(lost.downs, [{ code: 'E_LINK_REFUSED', detail: /400|404/ }]);
    await lost.link.close();
    sockets.close();
    await broker.close();
  },
);
