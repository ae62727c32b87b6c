import t, { type Test } from 'tap';
import { openMirror, type MirrorFetch } from '../../../agent/link/mirror-fetch.js';
import { systemClock } from '../../../agent/core/clock.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';
import { MirrorServer, type MirrorFault } from '../../source-system/mirror-server.js';
import { KeptLog } from '../../support/kept-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const LIMIT_BYTES = 1_000;

/** A server that answers as given, and one connection to it. */
async function asking(
  t: Test,
  answer: MirrorFault,
  timeoutMs = 5_000,
): Promise<{ fetch: MirrorFetch; server: MirrorServer; abort: AbortController }> {
  const ca = await CertificateAuthority.create(systemClock);
  const folder = await temporaryFolder(t);
  const server = await MirrorServer.start({ identity: await ca.issueServer(), folder, log: new KeptLog() });
  t.teardown(() => server.close());
  server.fault({ path: /./, answer });
  const abort = new AbortController();
  const access = { url: `${server.url}/`, anchorsPem: [ca.anchorsPem], limitBytes: LIMIT_BYTES, timeoutMs };
  const connection = openMirror(access, abort.signal);
  t.teardown(() => connection.close());
  return { fetch: connection.fetch, server, abort };
}

t.test('a document comes with its ETag, and is named by it the next time', async (t) => {
  const { fetch } = await asking(t, (request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"1"' }).end('signed');
  });
  const answer = await fetch('loa/v1/trust.jws', undefined);
  t.match(answer, { kind: 'document', etag: '"1"' });
  t.equal(answer.kind === 'document' && Buffer.from(answer.bytes).toString(), 'signed');
  t.same(await fetch('loa/v1/trust.jws', '"1"'), { kind: 'same' });
});

t.test('an ETag that could not stand in a header is not sent back', async (t) => {
  const { fetch } = await asking(t, (_, response) =>
    response.writeHead(200, { etag: 'not quoted' }).end('signed'),
  );
  t.match(await fetch('a.jws', undefined), { kind: 'document', etag: undefined });
});

t.test('what is no document is odd, each with its reason', async (t) => {
  const { fetch } = await asking(t, (request, response) => {
    const long = 'x'.repeat(LIMIT_BYTES + 1);
    switch (request.url) {
      case '/redirect':
        return void response.writeHead(301, { location: 'https://elsewhere.example/' }).end();
      case '/empty':
        return void response.writeHead(200).end();
      case '/long':
        return void response.writeHead(200, { 'content-length': long.length }).end(long);
      case '/longer-than-told':
        return void response.writeHead(200).end(long);
      case '/gzip':
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).end('abc');
      case undefined:
      default:
        return void response.writeHead(500).end('oh');
    }
  });
  const why = async (path: string): Promise<string> => {
    const answer = await fetch(path, undefined);
    return answer.kind === 'odd' ? answer.why : answer.kind;
  };
  t.equal(await why('redirect'), 'redirected (301)');
  t.equal(await why('empty'), 'empty');
  t.equal(await why('long'), 'longer than 1000 bytes');
  t.equal(await why('longer-than-told'), 'longer than 1000 bytes');
  t.equal(await why('gzip'), 'encoded');
  t.equal(await why('broken'), 'status 500');
});

t.test('a file of exactly the limit is taken', async (t) => {
  const { fetch } = await asking(t, (_, response) => response.writeHead(200).end('x'.repeat(LIMIT_BYTES)));
  const answer = await fetch('a.jws', undefined);
  t.equal(answer.kind === 'document' && answer.bytes.length, LIMIT_BYTES);
});

t.test('a busy server says when to come again; a date is not read', async (t) => {
  let after = '7';
  const { fetch } = await asking(t, (_, response) => response.writeHead(503, { 'retry-after': after }).end());
  t.match(await fetch('a.jws', undefined), { kind: 'failed', retryAfterMs: 7_000 });
  after = 'Mon, 23 Nov 2026 08:00:00 GMT';
  const answer = await fetch('a.jws', undefined);
  t.notOk('retryAfterMs' in answer);
});

t.test('a server that does not answer, or stops in the middle, fails at the time limit', async (t) => {
  const silent = await asking(t, () => undefined, 200);
  t.match(await silent.fetch('a.jws', undefined), {
    kind: 'failed',
    why: { detail: /no answer within 0.2 s/ },
  });
  const stalled = await asking(t, (_, response) => response.writeHead(200).write('half'), 200);
  t.match(await stalled.fetch('a.jws', undefined), { kind: 'failed', why: { code: 'E_MIRROR_UNREACHABLE' } });
});

t.test('a connection that is cut in the middle is a failure, not a shorter document', async (t) => {
  const { fetch } = await asking(t, (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  });
  t.match(await fetch('a.jws', undefined), { kind: 'failed' });
});

t.test('an abort ends the question under way', async (t) => {
  const { fetch, abort } = await asking(t, () => abort.abort());
  t.match(await fetch('a.jws', undefined), { kind: 'failed' });
});

t.test('the questions of a round go over one connection', async (t) => {
  const ports = new Set<number | undefined>();
  const { fetch } = await asking(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(404, { 'content-length': 4 }).end('none');
  });
  for (const path of ['a.jws', 'b.jws', 'c.jws']) t.same(await fetch(path, undefined), { kind: 'absent' });
  t.equal(ports.size, 1);
});
