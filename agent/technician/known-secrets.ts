import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityFolder } from '../../certs/identity-folder.js';

const FILE_LIMIT = 64;
const LARGEST_BYTES = 65_536;

/** The secrets that this device holds: its private keys, staged and old ones too, and the proxy's account. */
export async function knownSecrets(stateFolder: string, proxy: string): Promise<string[]> {
  const folder = identityFolder(stateFolder);
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const texts = await Promise.all(
    names.slice(0, FILE_LIMIT).map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  const keys = texts.filter((text) => text.length < LARGEST_BYTES && /PRIVATE KEY/.test(text));
  const account = /^https?:\/\/([^/@]+)@/.exec(proxy)?.[1];
  return [...keys, ...(account === undefined ? [] : [account, ...account.split(':')])];
}
