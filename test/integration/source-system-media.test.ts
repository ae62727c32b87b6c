import { request as httpsRequest, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { frameNumbers, silentMp3 } from '../support/silent-sound.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil, within } from '../support/wait-until.js';

async function start(t: Teardown) {
  const system = await startSourceSystem({ folder: await temporaryFolder(t), log: new KeptLog() });
  t.teardown(() => system.close());
  return { system };
}

async function get(system: SourceSystem, path: string, options: RequestOptions = {}) {
  return within(
    path,
    new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>(
      (resolve, reject) => {
        const request = httpsRequest(`${system.endpoints.media}${path}`, {
          ca: system.ca.anchorsPem,
          ...options,
        });
        request.on('error', reject).on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
          response.on('end', () => {
            resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
          });
        });
        request.end();
      },
    ),
  );
}

t.test('files are served with type, ranges and ETag; faults come and go on demand', async (t) => {
  const { system } = await start(t);
  const { media } = system;
  const bytes = silentMp3(10);
  const { url, sha256 } = media.addFile('bulletin.mp3', bytes);
  t.equal(url, `${system.endpoints.media}/files/bulletin.mp3`);
  const whole = await get(system, '/files/bulletin.mp3');
  t.match(whole, { status: 200, headers: { 'content-type': 'audio/mpeg', etag: `"${sha256}"` } });
  t.same(whole.body, bytes);
  const part = await get(system, '/files/bulletin.mp3', { headers: { range: 'bytes=384-767' } });
  t.match(part, { status: 206, headers: { 'content-range': 'bytes 384-767/3840' } });
  t.same(part.body, bytes.subarray(384, 768));
  const same = await get(system, '/files/bulletin.mp3', { headers: { 'if-none-match': `"${sha256}"` } });
  t.match(same, { status: 304, body: { length: 0 } });
  t.match(await get(system, '/files/bulletin.mp3', { headers: { range: 'bytes=9000-' } }), { status: 416 });
  for (const path of [
    '/files/other.mp3',
    '/live/other',
    '/files/../ca/key.pem',
    '/files/%2e%2e%2fca%2fkey.pem',
    '//',
  ]) {
    t.equal((await get(system, path)).status, 404, path);
  }
  t.equal((await get(system, '/files/bulletin.mp3', { method: 'PUT' })).status, 405);
  media.fault('/files/bulletin.mp3', 'not-found');
  t.equal((await get(system, '/files/bulletin.mp3')).status, 404);
  media.fault('/files/bulletin.mp3', 'html');
  t.match(await get(system, '/files/bulletin.mp3'), {
    status: 200,
    headers: { 'content-type': /text\/html/ },
  });
  media.fault('/files/bulletin.mp3', 'stall');
  const stalled = get(system, '/files/bulletin.mp3');
  await waitUntil('the request arrives', () => media.openCount('/files/bulletin.mp3') > 0);
  media.cut('/files/bulletin.mp3');
  await t.rejects(stalled, { code: 'ECONNRESET' });
  media.fault('/files/bulletin.mp3', undefined);
  t.equal((await get(system, '/files/bulletin.mp3')).status, 200);
});

t.test(
  'a live stream sends a burst and then keeps pace, from a frame boundary, as its kept bytes have it',
  async (t) => {
    const { system } = await start(t);
    const { stream } = system.media.addLive('news', silentMp3(1000), { burstMs: 960 });
    await sleep(333);
    const live = get(system, '/live/news');
    await sleep(2000);
    stream.end();
    const { status, headers, body } = await live;
    t.match({ status, headers }, { status: 200, headers: { 'content-type': 'audio/mpeg', 'icy-br': '128' } });
    const numbers = frameNumbers(body);
    const seconds = (numbers.length * 24) / 1000;
    t.ok(seconds > 2.6 && seconds < 3.3, `${seconds} s of sound in 2 s with a burst of 0.96 s`);
    const first = numbers[0] ?? -1;
    t.ok(first >= 13 && first < 40, `begins at frame ${first}`);
    t.same(Buffer.from(stream.bytes().bytes).subarray(first * 384, first * 384 + body.length), body);
  },
);

t.test('a listener that asks for ICY metadata gets the title between the sound', async (t) => {
  const { system } = await start(t);
  const { stream } = system.media.addLive('news', silentMp3(100), { burstMs: 3000, title: 'Bản tin sáng' });
  const live = get(system, '/live/news', { headers: { 'icy-metadata': '1' } });
  await waitUntil('somebody listens', () => stream.listenerCount === 1);
  stream.end();
  const { headers, body } = await live;
  t.equal(headers['icy-metaint'], '16000');
  const block = (body[16_000] ?? 0) * 16;
  t.equal(body.toString('utf8', 16_001, 16_001 + block).replace(/\0+$/, ''), "StreamTitle='Bản tin sáng';");
  t.equal(body.readUInt32BE(Math.ceil(16_000 / 384) * 384 + 1 + block), 0xfffb94c4);
});

t.test('a live stream that is cut breaks off, one that is ended ends', async (t) => {
  const { system } = await start(t);
  const { stream } = system.media.addLive('news', silentMp3(100));
  for (const ending of ['cut', 'end'] as const) {
    const live = get(system, '/live/news');
    await waitUntil('somebody listens', () => stream.listenerCount === 1);
    stream[ending]();
    if (ending === 'cut') await t.rejects(live);
    else t.equal((await live).status, 200);
  }
});
