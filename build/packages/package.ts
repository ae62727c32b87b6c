/** The command behind `./build/package`: makes the Debian packages. */
import { mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDeb } from './deb.js';
import { releaseOf } from './release.js';
import { nameOf, TARGETS, targetOf } from './target.js';

const USAGE = `usage: ./build/package [--out FOLDER] [TARGET…]   targets: ${TARGETS.map(nameOf).join(' ')}`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string', default: 'packages-out' } },
    allowPositionals: true,
  });
  const wanted = positionals.length === 0 ? TARGETS : positionals.map(targetOf);
  const root = resolve(import.meta.dirname, '../../..');
  const release = await releaseOf(root);
  const out = resolve(root, values.out);
  await mkdir(out, { recursive: true });
  for (const target of wanted) {
    if (target === undefined) {
      console.error(USAGE);
      return 64;
    }
    const startedMs = performance.now();
    const path = await makeDeb({ root, out, release, target });
    const { size } = await stat(path);
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(`${path}  ${(size / 1e6).toFixed(1)} MB in ${seconds.toFixed(0)} s`);
  }
  return 0;
}

process.exitCode = await main();
