import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../agent/core/errors.js';
import { ALLOWED_SECRETS } from './allowed-secrets.js';
import { suspectsIn, type Suspect } from './secrets.js';

const run = promisify(execFile);

/** Every file under the given paths; without any, every file that git tracks. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) {
    const { stdout } = await run('git', ['ls-files', '-z'], { maxBuffer: 64 << 20 });
    return stdout.split('\0').filter((name) => name !== '');
  }
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) files.push(path);
    else {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      files.push(
        ...entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)),
      );
    }
  }
  return files;
}

function isAllowed(suspect: Suspect): boolean {
  return ALLOWED_SECRETS.some(
    ({ where, excerpt }) => suspect.where === where && suspect.excerpt.startsWith(excerpt),
  );
}

try {
  const files = await filesOf(process.argv.slice(2));
  let allowed = 0;
  const found: Suspect[] = [];
  for (const file of files) {
    // latin1: a binary file may hold a key, too.
    for (const suspect of suspectsIn(await readFile(file, 'latin1'), file)) {
      if (isAllowed(suspect)) allowed += 1;
      else found.push(suspect);
    }
  }
  for (const { where, line, kind, excerpt } of found)
    process.stdout.write(`${where}:${line}: ${kind}: ${excerpt.slice(0, 24)}…\n`);
  process.stdout.write(`${files.length} files, ${found.length} suspects, ${allowed} allowed by name\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
