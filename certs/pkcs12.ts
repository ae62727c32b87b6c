import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readIfPresent, writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError } from '../agent/core/errors.js';
import { certificatesOf, checkChain, checkValidity } from './certificate-chain.js';
import { parseDeviceKey } from './device-key.js';
import { Identity } from './identity.js';
import { dropStaged, filesInForce, pairFiles, promote, readPairs, wantName } from './staged-identity.js';

/** What a PKCS#12 file holds for a device. */
export interface Pkcs12Contents {
  /** PKCS#8 PEM, not encrypted: to be written with mode 0600, never logged. */
  readonly keyPem: string;
  /** Every certificate in it, the one of that key first. */
  readonly certificatesPem: readonly string[];
}

const LIMIT_BYTES = 256 * 1024;
const MOST_CERTIFICATES = 16;

/**
 * Opens a PKCS#12 file (RFC 7292): exactly one key, and its certificate. node-forge, loaded here, checks the MAC and
 * decrypts; keys and certificates are read by node:crypto, so that elliptic curves work too.
 * @throws LoaError `E_IDENTITY_BUNDLE`; never with anything of the file or the passphrase in it
 */
export async function openPkcs12(file: Uint8Array, passphrase: string): Promise<Pkcs12Contents> {
  if (file.length > LIMIT_BYTES) throw bundle(`larger than ${LIMIT_BYTES} bytes`);
  // node-forge derives keys of PBES2 from UTF-8 and the MAC's from UTF-16, with one argument for both.
  if (!/^[\x20-\x7e]*$/.test(passphrase)) throw bundle('a passphrase of ASCII letters alone is supported');
  const { asn1, pkcs12, pki } = (await import('node-forge')).default;
  const read = (): { keys: string[]; certificates: string[] } => {
    const der = Buffer.from(file).toString('latin1');
    const opened = pkcs12.pkcs12FromAsn1(asn1.fromDer(der, true), true, passphrase);
    const bags = opened.safeContents.flatMap(({ safeBags }) => safeBags);
    const of = (types: readonly (string | undefined)[]): typeof bags =>
      bags.filter(({ type }) => types.includes(type));
    const { keyBag, pkcs8ShroudedKeyBag, certBag } = pki.oids;
    const bytes = (node: Parameters<typeof asn1.toDer>[0]): string => asn1.toDer(node).getBytes();
    return {
      // What forge cannot read, elliptic curves for one, it leaves as ASN.1.
      keys: of([keyBag, pkcs8ShroudedKeyBag]).map(({ key, asn1: node }) =>
        bytes(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : node),
      ),
      certificates: of([certBag]).map(({ cert, asn1: node }) =>
        bytes(cert ? pki.certificateToAsn1(cert) : node),
      ),
    };
  };
  try {
    const { keys, certificates } = read();
    return contentsOf(keys, certificates);
  } catch (error) {
    if (error instanceof LoaError) throw error;
    // Without the cause: what a parser of secrets says may quote them.
    throw bundle('it cannot be opened: wrong passphrase or damaged');
  }
}

function contentsOf(keys: readonly string[], certificates: readonly string[]): Pkcs12Contents {
  const [keyDer] = keys;
  if (keyDer === undefined || keys.length > 1) throw bundle(`${keys.length} keys in it; one is wanted`);
  if (certificates.length === 0 || certificates.length > MOST_CERTIFICATES)
    throw bundle(`${certificates.length} certificates in it`);
  const key = createPrivateKey({ key: Buffer.from(keyDer, 'latin1'), format: 'der', type: 'pkcs8' });
  const all = certificates.map((der) => new X509Certificate(Buffer.from(der, 'latin1')));
  const leaf = all.find((one) => one.checkPrivateKey(key));
  if (leaf === undefined) throw bundle('no certificate in it is for its key');
  return {
    keyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificatesPem: [leaf, ...all.filter((one) => one !== leaf)].map(String),
  };
}

/**
 * Puts the identity of a PKCS#12 file in force, all of it checked before anything is written; what was in force is kept
 * as the previous.
 * @param options.anchorsPem anchors; where there are none, the self-signed authorities in the file are taken
 * @throws LoaError `E_IDENTITY_*`, `E_STORE_WRITE`
 */
export async function importPkcs12(options: {
  readonly folder: string;
  readonly file: Uint8Array;
  readonly passphrase: string;
  readonly anchorsPem?: string;
  readonly receiverId?: string;
  readonly nowMs: number;
}): Promise<Identity> {
  const { folder, nowMs } = options;
  const { keyPem, certificatesPem } = await openPkcs12(options.file, options.passphrase);
  const inForce = await filesInForce(folder);
  const anchorsPem =
    options.anchorsPem ?? (await readIfPresent(inForce.anchors)) ?? selfSigned(certificatesPem).join('');
  const deviceKey = parseDeviceKey(keyPem, 'the key of the PKCS#12 file');
  const chain = checkChain(certificatesPem.join(''), anchorsPem, deviceKey.key);
  checkValidity(chain, nowMs);
  const identity = await Identity.of(chain, keyPem, deviceKey);
  if (options.receiverId !== undefined) wantName(identity, options.receiverId);
  await write(folder, identity, keyPem);
  return identity;
}

async function write(folder: string, identity: Identity, keyPem: string): Promise<void> {
  await dropStaged(folder);
  const { current } = await readPairs(folder);
  const files = pairFiles(folder, current + 1);
  await writeAtomic(files.key, keyPem, 0o600);
  await writeAtomic(files.anchors, identity.anchorsPem.join(''), 0o644);
  await writeAtomic(files.certificate, identity.certificatePem, 0o644);
  await promote(folder);
}

function selfSigned(certificatesPem: readonly string[]): string[] {
  return certificatesPem
    .flatMap((pem) => certificatesOf(pem, 'the PKCS#12 file'))
    .filter((one) => one.ca && one.checkIssued(one) && one.verify(one.publicKey))
    .map(String);
}

function bundle(detail: string): LoaError {
  return new LoaError('E_IDENTITY_BUNDLE', detail);
}
