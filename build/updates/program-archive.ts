import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { STATE_FORMAT } from '../../agent/update/offer.js';
import { bundleProgram } from '../packages/bundle.js';
import type { Architecture } from '../packages/target.js';
import { runTool } from '../packages/tool.js';
import type { Program } from './update-repository.js';

/** The oldest Node that a program runs on, as in package.json. */
const OLDEST_NODE = '20.19.0';

/** What an archive is made from. */
export interface ArchiveRequest {
  /** Root of the checkout. */
  readonly root: string;
  /** Folder that the archive is written to; it exists. */
  readonly out: string;
  readonly version: string;
  readonly architecture: Architecture;
  /** Date of all files in it, seconds since 1970. */
  readonly epochS: number;
}

/** Bundles the program for a slot, with the list of its files, into an archive: the same sources give the same bytes. */
export async function makeArchive(request: ArchiveRequest): Promise<Program> {
  const { root, version, architecture } = request;
  const folder = await mkdtemp(join(tmpdir(), 'loa-archive-'));
  try {
    await bundleProgram({ root, out: folder, architecture, version });
    await runTool('cp', ['-r', join(root, 'hardware/boards'), join(folder, 'boards')]);
    for (const name of await readdir(join(folder, 'boards')))
      if (!name.endsWith('.json')) await rm(join(folder, 'boards', name), { recursive: true });
    return await packFolder(folder, request);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packs a folder that holds a program. */
export async function packFolder(
  folder: string,
  { out, version, architecture, epochS }: Omit<ArchiveRequest, 'root'>,
): Promise<Program> {
  const unpackedBytes = await writeSums(folder);
  const name = `loa-agent_${architecture}.tar.gz`;
  const archive = join(out, `loa-agent_${version}_${architecture}.tar.gz`);
  await runTool(
    'tar',
    [
      ...['--create', '--file', archive, '--directory', folder, '--use-compress-program', 'gzip -9n'],
      ...[
        '--sort=name',
        '--owner=0',
        '--group=0',
        '--numeric-owner',
        `--mtime=@${epochS}`,
        '--mode=u=rwX,go=rX',
      ],
      ...['--format=ustar', ...(await readdir(folder)).sort()],
    ],
    { env: { ...process.env, LC_ALL: 'C.UTF-8' } },
  );
  return {
    ...{ archive, name },
    custom: { version, architecture, unpackedBytes, node: OLDEST_NODE, readableBy: STATE_FORMAT },
  };
}

/** The list of files as sha256sum(1) checks it. @returns bytes of them all */
async function writeSums(folder: string): Promise<number> {
  await rm(join(folder, 'SHA256SUMS'), { force: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  let text = '';
  let bytes = 0;
  for (const path of paths) {
    text += `${createHash('sha256')
      .update(await readFile(join(folder, path)))
      .digest('hex')}  ${path}\n`;
    bytes += (await stat(join(folder, path))).size;
  }
  await writeFile(join(folder, 'SHA256SUMS'), text);
  return bytes;
}
