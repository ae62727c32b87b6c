import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder for what is costly to make, outside the checkout: `${XDG_CACHE_HOME:-~/.cache}/loa/NAME`. It exists. */
export async function cacheFolder(name: string): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'loa', name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What must be known of a thing to make it again. */
export interface Recipe {
  /** The folder of the cache. */
  readonly cache: string;
  /** Begins the name, for people. */
  readonly name: string;
  /** Everything that decides what comes out. */
  readonly inputs: unknown;
}

/** A file or folder that is kept, and whether it was made now. */
export interface Kept {
  readonly path: string;
  readonly made: boolean;
}

/**
 * Finds what was made before from the same inputs, or makes it. What is not finished is never found: it is made beside and
 * renamed.
 * @param make makes it at the path that it is given
 */
export async function keep(recipe: Recipe, make: (unfinished: string) => Promise<void>): Promise<Kept> {
  const digest = createHash('sha256').update(JSON.stringify(recipe.inputs)).digest('hex').slice(0, 16);
  const path = join(await cacheFolder(recipe.cache), `${recipe.name}-${digest}`);
  if (await isThere(path)) return { path, made: false };
  const unfinished = `${path}.unfinished-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    await make(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process may have made the same meanwhile.
    if (!(await isThere(path))) throw error;
  }
  return { path, made: true };
}

/** Whether a path exists. */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
