import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { Key, Signature } from '@tufjs/models';

/** A key that signs metadata of the update repository: Ed25519, offline but for the timestamp's. */
export interface SigningKey {
  /** As it stands in the root metadata. */
  readonly key: Key;
  readonly privateKey: KeyObject;
}

/** A new key. */
export function makeKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey);
}

/** Reads a key from its file, PKCS#8 in PEM; `passphrase` where it is encrypted. @throws where it is no Ed25519 key */
export async function readKey(path: string, passphrase?: string): Promise<SigningKey> {
  const pem = await readFile(path, 'utf8');
  const how = passphrase === undefined ? { key: pem } : { key: pem, passphrase };
  return signingKeyOf(createPrivateKey(how));
}

/** Writes a key (0600), encrypted where a passphrase is given; a file that is there is not replaced. */
export async function writeKey(path: string, { privateKey }: SigningKey, passphrase?: string): Promise<void> {
  const plain = { type: 'pkcs8', format: 'pem' } as const;
  const pem = privateKey.export(
    passphrase === undefined ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase },
  );
  await writeFile(path, pem, { mode: 0o600, flag: 'wx' });
}

/** A signature over the canonical bytes of metadata. */
export function signatureBy({ key, privateKey }: SigningKey): (bytes: Buffer) => Signature {
  return (bytes) => new Signature({ keyID: key.keyID, sig: sign(null, bytes, privateKey).toString('hex') });
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('no Ed25519 key');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicHex = Buffer.from(x, 'base64url').toString('hex');
  const known = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: publicHex } };
  // TUF 4.2: the SHA-256 of the key's canonical form, whose names are in the order of their bytes.
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${publicHex}"},"scheme":"ed25519"}`;
  const keyID = createHash('sha256').update(canonical).digest('hex');
  return { key: Key.fromJSON(keyID, known), privateKey };
}
