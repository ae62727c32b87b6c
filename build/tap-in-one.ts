import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** tap's parts ask for Node's modules, and for an optional package, by `require`, which a module does not have. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module';\n" +
  'const require = __createRequire(import.meta.url);';

/**
 * Puts tap as one file where the compiled tests find it first (`dist/node_modules/tap`): its 240 files cost each test's process 0.25 s more. Made
 * once for a version of tap; a test that is run by hand takes it, too.
 * @param dist folder of the compiled tests
 */
export async function tapInOne(root: string, dist: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'node_modules/tap/package.json'), 'utf8')) as {
    version: string;
  };
  const folder = join(dist, 'node_modules', 'tap');
  const manifest = JSON.stringify({ name: 'tap', version, type: 'module', exports: './index.js' });
  const path = join(folder, 'package.json');
  if ((await readFile(path, 'utf8').catch(() => '')) === manifest) return;
  await mkdir(folder, { recursive: true });
  await build({
    ...{ entryPoints: [join(root, 'node_modules/tap/dist/esm/index.js')], outfile: join(folder, 'index.js') },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
    banner: { js: BANNER },
  });
  // Last: what was broken off is made again.
  await writeFile(`${path}.new`, manifest);
  await rename(`${path}.new`, path);
}
