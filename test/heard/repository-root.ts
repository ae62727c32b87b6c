import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The checkout that a module belongs to: the nearest folder above it that holds `package.json`. The same answer for the
 * source and for what is compiled from it under `dist/`.
 */
export function repositoryRoot(moduleUrl: string): string {
  const start = path.dirname(fileURLToPath(moduleUrl));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`no package.json in any folder above ${start}`);
  }
}
