import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchedNode } from './node-runtime.js';

/** A piece of somebody else's in a package. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** SPDX expression as its maker wrote it, `NOASSERTION` where there is none. */
  readonly licence: string;
  /** Text of its licence; empty where it ships none. */
  readonly licenceText: string;
  /** Package URL. */
  readonly purl: string;
  /** SHA-512 of the archive that it came in, hexadecimal, where it is known. */
  readonly sha512?: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string } | undefined>>;
}

/**
 * What is known of the npm packages of a bundle, from their manifests and from package-lock.json.
 * @param paths as in `node_modules/NAME`
 */
export async function npmComponents(root: string, paths: readonly string[]): Promise<Component[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  return Promise.all(
    paths.map(async (path) => {
      const folder = join(root, path);
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
      const { name, version } = manifest;
      const integrity = lock.packages[path]?.integrity;
      return {
        ...{ name, version, licence: licenceOf(manifest), licenceText: await licenceTextIn(folder) },
        purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
        ...(integrity === undefined ? {} : { sha512: sha512Of(integrity) }),
      };
    }),
  );
}

/** The Node that a package carries, as a component. */
export async function nodeComponent(node: FetchedNode): Promise<Component> {
  return {
    name: 'node',
    version: node.version,
    licence: 'MIT',
    licenceText: await readFile(node.licence, 'utf8'),
    purl: `pkg:npm/${node.npmName}@${node.version}`,
    sha512: sha512Of(node.integrity),
  };
}

function sha512Of(integrity: string): string {
  const base64 = /sha512-([A-Za-z0-9+/=]+)/.exec(integrity)?.[1];
  if (base64 === undefined) throw new Error(`no SHA-512: ${integrity}`);
  return Buffer.from(base64, 'base64').toString('hex');
}

function licenceOf({ license, licenses }: Manifest): string {
  if (typeof license === 'string') return license;
  const types = [license, ...(licenses ?? [])].flatMap((one) => (one?.type === undefined ? [] : [one.type]));
  return types.length === 0 ? 'NOASSERTION' : types.join(' OR ');
}

async function licenceTextIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return texts.join('\n').replaceAll('\r\n', '\n').trim();
}
