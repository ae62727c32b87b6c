import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Sources by path from the root of the checkout, with `/` and their text. */
export type SourceTree = ReadonlyMap<string, string>;

/** The folders whose sources are the product. */
export const PRODUCT_FOLDERS = ['agent', 'protocols', 'certs', 'hardware'] as const;

/** The folders that stand beside the product and may use all of it. */
export const SIDE_FOLDERS = ['test', 'build'] as const;

/** Reads every TypeScript source in `folders`; a folder that does not exist yet holds none. */
export async function readSources(folders: readonly string[]): Promise<SourceTree> {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw cause;
    });
    for (const name of names.filter((one) => one.endsWith('.ts') && !one.endsWith('.d.ts')).sort()) {
      const path = join(folder, name);
      tree.set(path, await readFile(path, 'utf8'));
    }
  }
  return tree;
}
