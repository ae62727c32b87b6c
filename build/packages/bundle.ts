import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { assertElf } from './elf.js';
import { buildPlayer } from './player.js';
import type { Architecture } from './target.js';

/** What is bundled, and for what. */
export interface BundleRequest {
  /** Root of the checkout. */
  readonly root: string;
  /** An empty or absent folder; what is in it is removed. */
  readonly out: string;
  readonly architecture: Architecture;
  /** What the program answers to `loa --version`. */
  readonly version: string;
}

/** A bundle on the disk. */
export interface Bundle {
  /** Names of its files, in `out`. */
  readonly files: readonly string[];
  /** Size of all of them, bytes. */
  readonly bytes: number;
  /** Names of the npm packages of which something is in it, sorted. */
  readonly packages: readonly string[];
}

/** The program and the sound thread: each a file beside the others, since the one finds the other by its own address. */
const ENTRIES = ['agent/main.ts', 'agent/compose-sound.ts'];
/** Verbs that only ask the running receiver: Node starts sooner on one file of CommonJS than on modules. */
const QUICK = 'quick.cjs';
const ADDON = 'classic-level.node';
/** The program of the sink; the only file of a bundle that is executable. */
export const PLAYER = 'loa-player';

/** Packages in CommonJS ask for Node's own modules by `require`, which a module does not have. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module';\n" +
  'const require = __createRequire(import.meta.url);';

/**
 * Bundles the program with esbuild: one file for each entry, what is loaded late in files of its own, the WebAssembly
 * decoders inside, and beside them the native parts of the architecture: classic-level, prebuilt, and our player, compiled now.
 * The same sources give the same bytes, wherever the checkout lies.
 * @throws where a source does not bundle
 */
export async function bundleProgram({ root, out, architecture, version }: BundleRequest): Promise<Bundle> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: out,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // prism-media looks for it, and for ffmpeg on the PATH where it is not there: as here.
    external: ['ffmpeg-static'],
    target: 'node20.19',
    // Names stay as they are, so that a stack trace from a receiver can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: BANNER },
    // node_modules may be a link to that of another checkout: its place must not get into the bundle.
    preserveSymlinks: true,
    metafile: true,
    logLevel: 'silent',
    plugins: [replacements(root, version)],
  });
  await build({
    absWorkingDir: root,
    entryPoints: ['agent/quick.ts'],
    outfile: join(out, QUICK),
    ...{ bundle: true, format: 'cjs', platform: 'node', target: 'node20.19' },
    ...{ minifyWhitespace: true, minifySyntax: true, legalComments: 'none', charset: 'utf8' },
    // What it cannot do itself stands beside it.
    plugins: [
      {
        name: 'long-way',
        setup(build) {
          build.onResolve({ filter: /^\.\/main\.js$/ }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
    preserveSymlinks: true,
    logLevel: 'silent',
  });
  await copyFile(await addonOf(root, architecture), join(out, ADDON));
  await buildPlayer(root, architecture, join(out, PLAYER));
  const manifest = { name: 'loa-agent', version, type: 'module', private: true };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest)}\n`);
  const files = [
    ...Object.keys(metafile.outputs).map((path) => path.slice(path.lastIndexOf('/') + 1)),
    ADDON,
    PLAYER,
    QUICK,
    'package.json',
  ].sort();
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(out, file))).size));
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0), packages: packagesOf(metafile) };
}

/** What must read otherwise in a bundle than in the checkout. */
function replacements(root: string, version: string): Plugin {
  return {
    name: 'loa',
    setup(builder) {
      builder.onLoad({ filter: /[/\\]agent[/\\]version\.ts$/ }, () => ({
        contents: `export const VERSION = ${JSON.stringify(version)};`,
        loader: 'js',
      }));
      // node-gyp-build looks through folders for the right binary; here there is only one.
      builder.onLoad({ filter: /[/\\]classic-level[/\\]binding\.js$/ }, () => ({
        contents: `module.exports = require('./${ADDON}');`,
        loader: 'js',
      }));
      // CommonJS that is loaded late has only a default export in a bundle; Node itself finds the names.
      builder.onResolve({ filter: /^classic-level$/ }, ({ kind, path }) =>
        kind === 'dynamic-import' ? { path, namespace: 'named' } : undefined,
      );
      builder.onLoad({ filter: /^classic-level$/, namespace: 'named' }, () => ({
        contents: "import level from 'classic-level'; export const { ClassicLevel } = level;",
        loader: 'js',
        resolveDir: root,
      }));
      builder.onResolve({ filter: new RegExp(`^\\./${ADDON.replace('.', '\\.')}$`) }, ({ path }) => ({
        path,
        external: true,
      }));
      // The decoders offer a worker of their own, which is not used: sound has its thread already.
      builder.onLoad({ filter: /[/\\]@eshaz[/\\]web-worker[/\\]/ }, () => ({
        contents: 'export default class {}',
        loader: 'js',
      }));
      // tuf-js's own fetching, with a cache of its own: it is given the receiver's.
      builder.onLoad({ filter: /[/\\]make-fetch-happen[/\\]/ }, () => ({
        contents: "module.exports = () => { throw new Error('left out of the bundle'); };",
        loader: 'js',
      }));
      // 4 MB of a neural network that repairs lost packets, loaded on request only, which is never made.
      builder.onLoad({ filter: /[/\\]@wasm-audio-decoders[/\\]opus-ml[/\\]/ }, () => ({
        contents: "throw new Error('left out of the bundle')",
        loader: 'js',
      }));
    },
  };
}

/** The prebuilt addon of an architecture; glibc, since the packages are for Debian. */
async function addonOf(root: string, architecture: Architecture): Promise<string> {
  const folder = dirname(
    createRequire(join(root, 'package.json')).resolve('classic-level/package.json', { paths: [root] }),
  );
  const name = {
    amd64: 'linux-x64/classic-level.node',
    arm64: 'linux-arm64/classic-level.armv8.node',
    armhf: 'linux-arm/classic-level.armv7.node',
  }[architecture];
  const path = join(folder, 'prebuilds', name);
  await assertElf(path, architecture);
  return path;
}

function packagesOf(metafile: Metafile): string[] {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  );
  const names = used.flatMap((path) => {
    const last = path.lastIndexOf('node_modules/');
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(last + 'node_modules/'.length))?.[0];
    return last < 0 || name === undefined ? [] : [path.slice(0, last + 'node_modules/'.length) + name];
  });
  return [...new Set(names)].sort();
}
