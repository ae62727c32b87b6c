import { randomFillSync } from 'node:crypto';
import { lstat, open, readdir, readFile, realpath, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { syncFolder } from '../core/atomic-file.js';
import { messageOf } from '../core/errors.js';

const PIECE_BYTES = 1 << 20;

/** What was wiped and what could not be. */
export interface Wiped {
  readonly files: number;
  readonly bytes: number;
  readonly left: readonly string[];
}

/** Writes each file of a folder over, syncs it, and removes it; the identity first: what is left after a power cut can prove nothing. */
export async function wipeFolder(folder: string): Promise<Wiped> {
  const left: string[] = [];
  let files = 0;
  let bytes = 0;
  const wipe = async (path: string): Promise<void> => {
    try {
      const found = await lstat(path);
      if (found.isDirectory()) {
        const names = await readdir(path);
        for (const name of names.sort((a, b) => Number(b === 'identity') - Number(a === 'identity')))
          await wipe(join(path, name));
        await rmdir(path);
        return;
      }
      if (found.isFile()) {
        await writeOver(path, found.size);
        bytes += found.size;
      }
      await rm(path, { force: true });
      files += 1;
    } catch (error) {
      left.push(`${path} (${messageOf(error)})`);
    }
  };
  for (const name of (await readdir(folder).catch((): string[] => [])).sort(
    (a, b) => Number(b === 'identity') - Number(a === 'identity'),
  ))
    await wipe(join(folder, name));
  await syncFolder(folder).catch(() => undefined);
  return { files, bytes, left };
}

async function writeOver(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, Math.max(1, size)));
    // To the end of the last block: what a longer file left there goes, too.
    const whole = Math.ceil(size / 4_096) * 4_096;
    for (let at = 0; at < whole; at += piece.length) {
      randomFillSync(piece);
      await file.write(piece, 0, Math.min(piece.length, whole - at), at);
    }
    await file.sync();
    await file.truncate(0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes the free space of a folder's file system over, for at most so long: files that were replaced before, and logs that were rotated,
 * lie there. The value is how many bytes were written over, and whether that was all.
 */
export async function wipeFree(
  folder: string,
  limitMs: number,
  monotonicMs: () => number,
): Promise<{ bytes: number; all: boolean }> {
  const restore = await withoutReserve(folder);
  try {
    return await fillFree(folder, limitMs, monotonicMs);
  } finally {
    await restore();
  }
}

/**
 * ext4 keeps 2 % of its blocks for its own needs (Linux: Documentation/ABI/testing/sysfs-fs-ext4, reserved_clusters), which no file can
 * fill: secrets in them would stay. Root may lift that for a moment. The value undoes it.
 */
async function withoutReserve(folder: string): Promise<() => Promise<void>> {
  const real = await realpath(folder).catch(() => folder);
  const mounts = (await readFile('/proc/mounts', 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(' '));
  const [device] =
    mounts
      .filter(
        ([, at = '', type]) =>
          type === 'ext4' && (real === at || real.startsWith(at === '/' ? at : `${at}/`)),
      )
      .sort(([, one = ''], [, other = '']) => other.length - one.length)[0] ?? [];
  if (device === undefined) return async () => undefined;
  const path = `/sys/fs/ext4/${basename(await realpath(device).catch(() => device))}/reserved_clusters`;
  const before = await readFile(path, 'utf8').catch(() => undefined);
  await writeFile(path, '0').catch(() => undefined);
  return async () => {
    if (before !== undefined) await writeFile(path, before.trim()).catch(() => undefined);
  };
}

async function fillFree(
  folder: string,
  limitMs: number,
  monotonicMs: () => number,
): Promise<{ bytes: number; all: boolean }> {
  const path = join(folder, `.wipe-${process.pid}`);
  const endMs = monotonicMs() + limitMs;
  const piece = Buffer.alloc(PIECE_BYTES);
  let bytes = 0;
  let all = false;
  const file = await open(path, 'wx', 0o600);
  try {
    while (monotonicMs() < endMs) {
      // Root may write into the blocks that are kept for it, and secrets may lie there.
      const { bavail, bfree, bsize } = await statfs(folder);
      const length = Math.min(PIECE_BYTES, (process.getuid?.() === 0 ? bfree : bavail) * bsize);
      if (length <= 0) {
        all = true;
        break;
      }
      const { bytesWritten } = await file.write(piece, 0, length);
      bytes += bytesWritten;
      if (bytesWritten === 0) break;
    }
    await file.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    all = true;
    await file.sync().catch(() => undefined);
  } finally {
    await file.close();
    await rm(path, { force: true });
    await syncFolder(folder).catch(() => undefined);
  }
  return { bytes, all };
}

/** How many of some secrets are found in a file or a device, read from end to end. */
export async function searchRaw(
  path: string,
  needles: readonly Buffer[],
): Promise<{ bytes: number; found: number }> {
  const longest = Math.max(1, ...needles.map(({ length }) => length));
  const seen = new Set<number>();
  const file = await open(path, 'r');
  let bytes = 0;
  let tail: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  try {
    const piece = Buffer.alloc(4 * PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
      if (bytesRead === 0) return { bytes, found: seen.size };
      bytes += bytesRead;
      const view = Buffer.concat([tail, piece.subarray(0, bytesRead)]);
      needles.forEach((needle, i) => {
        if (view.includes(needle)) seen.add(i);
      });
      tail = Buffer.from(view.subarray(-longest));
    }
  } finally {
    await file.close();
  }
}
