import { createHash } from 'node:crypto';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { codeOf } from '../../../agent/core/errors.js';
import { MediaStore } from '../../../agent/sound/sources/media-store.js';
import { startMediaHost, type MediaHost } from '../../fakes/media-host.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const fileOf = (letter: string, bytes = 1_000): Buffer => Buffer.alloc(bytes, letter);
const never = (): AbortSignal => new AbortController().signal;

const answer: RequestListener = (request, response) => {
  const [, kind = '', letter = ''] = (request.url ?? '').split('/');
  if (kind === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  else if (kind === 'none') response.writeHead(404).end();
  else if (kind === 'cut') {
    response.writeHead(200, { 'content-length': '1000' }).write(fileOf(letter, 500));
    setImmediate(() => response.destroy());
  } else response.writeHead(200).end(fileOf(letter));
};

async function storeWith(
  t: Teardown,
  quotaBytes = 1_000_000,
): Promise<{ store: MediaStore; host: MediaHost; folder: string }> {
  const host = await startMediaHost(t, answer);
  const folder = join(await temporaryFolder(t), 'media');
  return { store: new MediaStore(folder, host.access, quotaBytes), host, folder };
}

t.test('a file is fetched once, and then is there without a network', async (t) => {
  const { store, host } = await storeWith(t);
  const digest = digestOf(fileOf('a'));
  const path = await store.fetch(host.url('/file/a'), digest, never());
  t.equal(await store.fetch('http://127.0.0.1:1/gone', digest, never()), path);
  t.same(host.asked, ['/file/a']);
});

t.test('a file that is not the signed one is refused, and nothing of it stays', async (t) => {
  const { store, host, folder } = await storeWith(t);
  await t.rejects(store.fetch(host.url('/file/b'), digestOf(fileOf('a')), never()), {
    code: 'E_MEDIA_DIGEST',
  });
  t.same(await readdir(folder), []);
});

for (const [path, code] of [
  ['/html/a', 'E_MEDIA_FORMAT'],
  ['/none/a', 'E_MEDIA_STATUS'],
  ['/cut/a', 'E_MEDIA_CONNECT'],
] as const) {
  t.test(`${path} is ${code}, and nothing of it stays; a later try succeeds`, async (t) => {
    const { store, host, folder } = await storeWith(t);
    const digest = digestOf(fileOf('a'));
    await t.rejects(store.fetch(host.url(path), digest, never()), { code });
    t.same(await readdir(folder).catch(() => []), []);
    await t.resolves(store.fetch(host.url('/file/a'), digest, never()));
  });
}

t.test('a file damaged on the disk is fetched again', async (t) => {
  const { store, host } = await storeWith(t);
  const digest = digestOf(fileOf('a'));
  const path = await store.fetch(host.url('/file/a'), digest, never());
  await writeFile(path, 'damaged');
  await store.fetch(host.url('/file/a'), digest, never());
  t.equal(host.asked.length, 2);
});

t.test('two who ask for the same file share one download', async (t) => {
  const { store, host } = await storeWith(t);
  const digest = digestOf(fileOf('a'));
  const [one, other] = await Promise.all([
    store.fetch(host.url('/file/a'), digest, never()),
    store.fetch(host.url('/file/a'), digest, never()),
  ]);
  t.equal(one, other);
  t.equal(host.asked.length, 1);
});

t.test('many files at once do not disturb each other', async (t) => {
  const { store, host, folder } = await storeWith(t);
  const letters = [...'abcdefghijkl'];
  await Promise.all(
    letters.map((letter) => store.fetch(host.url(`/file/${letter}`), digestOf(fileOf(letter)), never())),
  );
  t.same((await readdir(folder)).sort(), letters.map((letter) => digestOf(fileOf(letter))).sort());
});

t.test('beyond the quota the least recently used goes, never the one just fetched', async (t) => {
  const { store, host, folder } = await storeWith(t, 2_500);
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => digestOf(fileOf(letter))) as [string, string, string];
  await store.fetch(host.url('/file/a'), a, never());
  await store.fetch(host.url('/file/b'), b, never());
  await utimes(join(folder, a), 1_000, 1_000);
  await utimes(join(folder, b), 2_000, 2_000);
  await store.fetch(host.url('/file/a'), a, never());
  await store.fetch(host.url('/file/c'), c, never());
  t.same((await readdir(folder)).sort(), [a, c].sort(), 'b was used before a');
});

t.test('one file larger than the whole quota is kept alone', async (t) => {
  const { store, host, folder } = await storeWith(t, 10);
  await store.fetch(host.url('/file/a'), digestOf(fileOf('a')), never());
  await store.fetch(host.url('/file/b'), digestOf(fileOf('b')), never());
  t.same(await readdir(folder), [digestOf(fileOf('b'))]);
});

t.test('what a crash left half fetched goes with the rest', async (t) => {
  const { store, host, folder } = await storeWith(t, 1_500);
  await mkdir(folder, { recursive: true });
  const left = join(folder, `${'0'.repeat(64)}.part`);
  await writeFile(left, fileOf('x'));
  await utimes(left, 1, 1);
  await store.fetch(host.url('/file/a'), digestOf(fileOf('a')), never());
  t.same(await readdir(folder), [digestOf(fileOf('a'))]);
});

t.test('a disk that takes nothing is told as a fault of the disk', async (t) => {
  const { host } = await storeWith(t);
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'file'), '');
  const store = new MediaStore(join(folder, 'file', 'media'), host.access, 1_000);
  const failed = await store.fetch(host.url('/file/a'), digestOf(fileOf('a')), never()).catch(codeOf);
  t.equal(failed, 'E_STORE_OPEN');
});

t.test('one who gives up is told so at once; the download goes on for the others', async (t) => {
  let finish: () => void = () => undefined;
  const host = await startMediaHost(t, (_, response) => {
    response.writeHead(200).write(fileOf('a', 500));
    finish = () => void response.end(fileOf('a', 500));
  });
  const store = new MediaStore(await temporaryFolder(t), host.access, 10_000);
  const abort = new AbortController();
  const digest = digestOf(fileOf('a'));
  const one = store.fetch(host.url('/file/a'), digest, abort.signal);
  while (host.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const other = store.fetch(host.url('/file/a'), digest, never());
  abort.abort();
  await t.rejects(one, { code: 'E_MEDIA_CONNECT' });
  finish();
  t.equal((await other).endsWith(digest), true);
  t.equal(host.asked.length, 1);
});
