/** `./build/update-repository`: makes and keeps the repository that receivers update from. See build/updates/README.md. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { releaseOf } from '../packages/release.js';
import type { Architecture } from '../packages/target.js';
import { imageOf } from './image-bundle.js';
import { makeArchive } from './program-archive.js';
import { makeKey, readKey, writeKey, type SigningKey } from './signing-key.js';
import { keyIds, UpdateRepository, type RepositoryKeys } from './update-repository.js';

const USAGE = `./build/update-repository keys --keys FOLDER [--suffix NAME]     makes root-1, root-2, root-3, targets, snapshot, timestamp
./build/update-repository begin --keys FOLDER --out REPOSITORY   a new repository; prints the root to install receivers with
./build/update-repository publish --keys FOLDER --out REPOSITORY [ARCHITECTURE…]  the program of this checkout: amd64, arm64, armhf
./build/update-repository publish-image --keys FOLDER --out REPOSITORY --bundle FILE --architecture NAME   a whole image: a bundle of RAUC
./build/update-repository refresh --keys FOLDER --out REPOSITORY a new timestamp, every few days
./build/update-repository rotate --keys OLD --to NEW --out REPOSITORY  the next root, with other keys
LOA_KEY_PASSPHRASE encrypts the keys, and opens them.`;

const passphrase = process.env['LOA_KEY_PASSPHRASE'];

async function keysIn(folder: string, roots: readonly number[] = [1, 2, 3]): Promise<RepositoryKeys> {
  const read = (name: string): Promise<SigningKey> => readKey(join(folder, `${name}.pem`), passphrase);
  return {
    root: await Promise.all(roots.map((number) => read(`root-${number}`))),
    targets: [await read('targets')],
    snapshot: [await read('snapshot')],
    timestamp: [await read('timestamp')],
  };
}

async function makeKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of ['root-1', 'root-2', 'root-3', 'targets', 'snapshot', 'timestamp']) {
    const key = makeKey();
    await writeKey(join(folder, `${name}.pem`), key, passphrase);
    process.stdout.write(`${name}: ${key.key.keyID}\n`);
  }
}

async function publish(
  repository: UpdateRepository,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const root = resolve(import.meta.dirname, '../../..');
  const release = await releaseOf(root);
  const out = await mkdtemp(join(tmpdir(), 'loa-programs-'));
  const programs = [];
  for (const architecture of (names.length > 0 ? names : ['amd64', 'arm64', 'armhf']) as Architecture[]) {
    programs.push(await makeArchive({ root, out, architecture, ...release }));
  }
  await repository.publish(programs, await keysIn(folder, []));
  for (const { name, custom } of programs) process.stdout.write(`${name}: ${custom['version'] ?? ''}\n`);
}

/** A bundle that is signed already; what it is for, and which version, it says itself. */
async function publishImage(
  repository: UpdateRepository,
  folder: string,
  bundle: string,
  architecture: string,
): Promise<void> {
  const program = await imageOf(bundle, architecture);
  await repository.publish([program], await keysIn(folder, []));
  process.stdout.write(`${program.name}: ${program.custom['version'] ?? ''}\n`);
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ keys: { type: 'string' }, to: { type: 'string' }, out: { type: 'string' } },
      ...{ bundle: { type: 'string' }, architecture: { type: 'string' } },
    },
  });
  const [verb = '', ...names] = positionals;
  const { keys = '', to = '', out = '', bundle = '', architecture = '' } = values;
  const isImage = verb === 'publish-image';
  const lacks =
    keys === '' ||
    (verb !== 'keys' && out === '') ||
    (verb === 'rotate' && to === '') ||
    (isImage && (bundle === '' || architecture === ''));
  if (lacks || !['keys', 'begin', 'publish', 'publish-image', 'refresh', 'rotate'].includes(verb)) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const repository = UpdateRepository.at(out);
  if (verb === 'keys') await makeKeys(keys);
  if (verb === 'begin') {
    const all = await keysIn(keys);
    process.stdout.write(`${await repository.begin(all)}\nroot keys: ${keyIds(all.root).join(' ')}\n`);
  }
  if (verb === 'publish') await publish(repository, keys, names);
  if (isImage) await publishImage(repository, keys, bundle, architecture);
  if (verb === 'refresh') await repository.refresh(await keysIn(keys, []));
  if (verb === 'rotate') await repository.rotate((await keysIn(keys)).root, await keysIn(to));
  return 0;
}

process.exitCode = await main();
