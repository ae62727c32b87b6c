import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import { ArchiveFile } from '../../../agent/update/archive-file.js';
import type { MediaAccess } from '../../../agent/sound/sources/http-bytes.js';
import { UpdateServer } from '../../faults/update-server.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { OFFER } from './update-rig.js';

const BYTES = randomBytes(700_000);
const WANTED = {
  ...OFFER,
  bytes: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
};

type Rig = Awaited<ReturnType<typeof rigOf>>;

async function rigOf(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'targets'));
  await writeFile(join(folder, 'targets', 'x'), BYTES);
  const ca = await CertificateAuthority.create(systemClock);
  const server = await UpdateServer.start(folder, await ca.issueServer());
  t.teardown(() => server.close());
  const access: MediaAccess = { anchorsPem: [ca.anchorsPem], plainHosts: [], stallMs: 5_000 };
  const archive = new ArchiveFile(join(folder, 'update', 'archive'));
  const fetch = (allowedBytes = Infinity) =>
    archive.fetch(`${server.url}/targets/x`, WANTED, access, {
      ...{ allowedBytes, signal: new AbortController().signal, onBytes: () => undefined },
    });
  return { archive, server, fetch };
}

/** Fetches until the connection is lost. */
async function cutAfter(rig: Rig, bytes: number): Promise<number> {
  rig.server.cuts.push(bytes);
  await rig.fetch().catch(() => undefined);
  return rig.archive.held();
}

t.test('what came before the connection was lost is not fetched again', async (t) => {
  const rig = await rigOf(t);
  t.equal(await cutAfter(rig, 200_000), 204_800);
  t.equal(await cutAfter(rig, 200_000), 409_600);
  t.match(await rig.fetch(), { whole: true, bytes: BYTES.length - 409_600 });
  t.equal(rig.server.archiveBytes, BYTES.length);
  await rig.archive.verify(WANTED);
});

t.test('what was not known to be on the disk is fetched again, and nothing before it', async (t) => {
  const rig = await rigOf(t);
  await cutAfter(rig, 200_000);
  await writeFile(`${rig.archive.path}.synced`, '131072\n');
  await writeFile(rig.archive.path, Buffer.concat([BYTES.subarray(0, 131_072), Buffer.alloc(90_000)]));
  t.match(await rig.fetch(), { whole: true, bytes: BYTES.length - 131_072 });
  await rig.archive.verify(WANTED);
});

t.test('a length that was torn in its writing costs bytes, never a wrong file', async (t) => {
  const rig = await rigOf(t);
  await cutAfter(rig, 200_000);
  for (const torn of ['20', '', 'x', '99999999']) {
    await writeFile(`${rig.archive.path}.synced`, torn);
    await truncate(rig.archive.path, 200_000);
    t.ok((await rig.archive.held()) <= 200_000, torn);
  }
  await writeFile(`${rig.archive.path}.synced`, '20');
  t.match(await rig.fetch(), { whole: true, bytes: BYTES.length - 20 });
  await rig.archive.verify(WANTED);
});

t.test('no more than is allowed is fetched, the rest another time', async (t) => {
  const rig = await rigOf(t);
  const { bytes, whole } = await rig.fetch(300_000);
  t.equal(whole, false);
  t.ok(bytes >= 300_000 && bytes < 400_000, String(bytes));
  t.match(await rig.fetch(), { whole: true });
});

t.test('other bytes, and more of them, are not what was signed', async (t) => {
  const rig = await rigOf(t);
  rig.server.alter = (bytes) => Buffer.concat([bytes, bytes]);
  await t.rejects(rig.fetch(), { code: 'E_UPDATE_DIGEST' });
  t.ok((await stat(rig.archive.path)).size <= WANTED.bytes);
  await rig.archive.drop();
  rig.server.alter = (bytes) => Buffer.alloc(bytes.length);
  await rig.fetch();
  await t.rejects(rig.archive.verify(WANTED), { code: 'E_UPDATE_DIGEST' });
  await rig.archive.drop();
  await t.rejects(readFile(rig.archive.path), { code: 'ENOENT' });
});
