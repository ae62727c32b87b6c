import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, truncateSync } from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What a death loses: nothing that the kernel has, or all that was not synced. */
export type Death = 'kill' | 'power-cut';

interface Undo {
  readonly folder: string;
  run(): void;
}

/**
 * Counts every change that this process makes through `node:fs/promises` and dies before the n-th one. With `power-cut`
 * it first takes back what a disk may lose: contents not fsynced become empty, entries of a folder that was not
 * fsynced are undone. A file is written by half before it dies at the write itself.
 * @param at from 1; 0 never dies
 * @returns how many effects there were so far
 */
export async function watchDisk(at: number, death: Death): Promise<() => number> {
  const real = { ...fsp };
  const disk = new Disk();
  let count = 0;
  const effect = async (half?: () => Promise<unknown>): Promise<void> => {
    count += 1;
    if (count !== at) return;
    await half?.();
    if (death === 'power-cut') disk.lose();
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  };
  const paths = new WeakMap<object, string>();
  const patched = {
    async open(path: string, flags: number, mode?: number): Promise<FileHandle> {
      const writes = (flags & 3) !== 0;
      if (writes) {
        await effect();
        disk.entry(path);
      }
      const handle = await real.open(path, flags, mode);
      paths.set(handle, resolve(path));
      return handle;
    },
    async rename(from: string, to: string): Promise<void> {
      await effect();
      disk.entry(to, from);
      await real.rename(from, to);
    },
    async symlink(target: string, path: string): Promise<void> {
      await effect();
      disk.entry(path);
      await real.symlink(target, path);
    },
    async mkdir(path: string, options?: object): Promise<unknown> {
      if (existsSync(path)) return undefined;
      await effect();
      disk.entry(path);
      return real.mkdir(path, options);
    },
    async rm(path: string, options?: object): Promise<void> {
      await effect();
      disk.entry(path);
      await real.rm(path, options);
    },
  };
  Object.assign(fsp, patched);
  const probe = await real.open('/dev/null');
  patchHandle(Object.getPrototypeOf(probe) as FileHandle, paths, disk, effect);
  await probe.close();
  syncBuiltinESMExports();
  return () => count;
}

function patchHandle(
  prototype: FileHandle,
  paths: WeakMap<object, string>,
  disk: Disk,
  effect: (half?: () => Promise<unknown>) => Promise<void>,
): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the handle below
  const { writeFile, sync } = prototype;
  Object.assign(prototype, {
    async writeFile(this: FileHandle, content: string): Promise<void> {
      const half = content.slice(0, content.length / 2);
      await effect(() => writeFile.call(this, half));
      disk.dirty.add(paths.get(this) ?? '');
      await writeFile.call(this, content);
    },
    async sync(this: FileHandle): Promise<void> {
      await effect();
      disk.synced(paths.get(this) ?? '');
      await sync.call(this);
    },
  });
}

/** What has not reached the disk yet. */
class Disk {
  /** Files whose contents were not synced. */
  readonly dirty = new Set<string>();
  #entries: Undo[] = [];
  readonly #attic = mkdtempSync(join(tmpdir(), 'loa-attic-'));
  #kept = 0;

  constructor() {
    process.once('exit', () => rmSync(this.#attic, { recursive: true, force: true }));
  }

  /** An entry that is about to be changed; `from` is the one that is moved there. */
  entry(path: string, from?: string): void {
    const place = resolve(path);
    this.#kept += 1;
    const copy = join(this.#attic, String(this.#kept));
    const copied = copyOf(place, copy);
    const back = from === undefined ? undefined : resolve(from);
    if (back !== undefined && this.dirty.delete(back)) this.dirty.add(place);
    this.#entries.push({
      folder: dirname(place),
      run: () => {
        if (back !== undefined) renameSync(place, back);
        else rmSync(place, { recursive: true, force: true });
        if (copied) copyOf(copy, place);
      },
    });
  }

  /** A file's contents, or a folder's entries, are on the disk. */
  synced(path: string): void {
    this.dirty.delete(path);
    this.#entries = this.#entries.filter(({ folder }) => folder !== path);
  }

  lose(): void {
    for (const path of this.dirty) if (existsSync(path)) truncateSync(path, 0);
    for (const entry of this.#entries.reverse()) entry.run();
    rmSync(this.#attic, { recursive: true, force: true });
  }
}

function copyOf(from: string, to: string): boolean {
  try {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
