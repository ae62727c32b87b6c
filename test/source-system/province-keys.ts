import { join } from 'node:path';
import { GeneralSign } from 'jose';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import { instant } from '../../agent/core/clock.js';
import { LoaError } from '../../agent/core/errors.js';
import {
  rootFingerprint,
  TRUST_TYP,
  verifyTrust,
  type TrustDocument,
} from '../../protocols/trust-document.js';
import { AUTHORITIES } from './cast.js';
import { newPrivateJwk, signerOf, type Signer } from './signer.js';

const KEY_LIFE_MS = 365 * 86_400_000;
const ROOT = 'root';

/** The keys of the root and of the authorities, and the trust document that names them. */
export interface ProvinceKeys {
  /** By authority id; the root's under `root`. */
  readonly signers: ReadonlyMap<string, Signer>;
  readonly trust: TrustDocument;
  /** The signed trust document, as it goes on the wire. */
  readonly trustText: string;
  /** Every version, the oldest first. */
  readonly trustVersions: readonly { readonly version: number; readonly text: string }[];
  /** Hexadecimal; see `rootFingerprint` of the protocols. */
  readonly rootFingerprint: string;
}

/**
 * Reads the keys and the trust document of a folder, or makes them there.
 * @throws LoaError `E_IDENTITY_KEY` for a key that is missing or not one, `E_TRUST_…` for a trust document that does
 *   not hold
 */
export async function openKeys(folder: string, nowMs: number): Promise<ProvinceKeys> {
  const trustPath = join(folder, 'trust.json');
  const ids = [ROOT, ...AUTHORITIES.map(({ id }) => id)];
  const found = await readIfPresent(trustPath);
  if (found === undefined) {
    for (const id of ids) await writeAtomic(keyPath(folder, id), JSON.stringify(await newPrivateJwk()));
  }
  const signers = new Map<string, Signer>();
  for (const id of ids) signers.set(id, await readSigner(keyPath(folder, id)));
  const firstText = found ?? (await signTrust(signers, firstTrust(signers, nowMs)));
  if (found === undefined) await writeAtomic(trustPath, firstText, 0o644);
  const fingerprint = await rootFingerprint({ threshold: 1, keys: [signerIn(signers, ROOT).publicJwk] });
  const trustVersions: ProvinceKeys['trustVersions'][number][] = [];
  let trust: TrustDocument | undefined;
  for (let text: string | undefined = firstText; text !== undefined;) {
    const verified = await verifyTrust(text, trust === undefined ? { fingerprint } : { current: trust });
    if (!verified.ok) throw new LoaError(verified.refusal.code, `${folder}: ${verified.refusal.detail}`);
    trust = verified.value;
    trustVersions.push({ version: trust.version, text });
    text = await readIfPresent(versionPath(folder, trust.version + 1));
  }
  if (trust === undefined) throw new LoaError('E_TRUST_DOCUMENT', `${trustPath}: none`);
  const trustText = trustVersions.at(-1)?.text ?? firstText;
  return { signers, trust, trustText, trustVersions, rootFingerprint: fingerprint };
}

/** Signs the trust document that follows and keeps it beside those before it. @throws LoaError `E_TRUST_…` */
export async function keepNextTrust(
  folder: string,
  keys: ProvinceKeys,
  document: TrustDocument,
): Promise<ProvinceKeys> {
  const trustText = await signTrust(keys.signers, document);
  const verified = await verifyTrust(trustText, { current: keys.trust });
  if (!verified.ok) throw new LoaError(verified.refusal.code, verified.refusal.detail);
  const { version } = document;
  await writeAtomic(versionPath(folder, version), trustText, 0o644);
  const trustVersions = [...keys.trustVersions, { version, text: trustText }];
  return { ...keys, trust: verified.value, trustText, trustVersions };
}

function versionPath(folder: string, version: number): string {
  return join(folder, 'trust', `${version}.json`);
}

/** The signer of an authority. @throws LoaError `E_USAGE` naming those there are */
export function signerIn(signers: ReadonlyMap<string, Signer>, id: string): Signer {
  const signer = signers.get(id);
  if (signer === undefined) {
    throw new LoaError(
      'E_USAGE',
      `no such authority: ${id} (there are ${AUTHORITIES.map((one) => one.id).join(', ')})`,
    );
  }
  return signer;
}

function keyPath(folder: string, id: string): string {
  return join(folder, 'keys', `${id}.jwk.json`);
}

async function readSigner(path: string): Promise<Signer> {
  const text = await readIfPresent(path);
  if (text === undefined) throw new LoaError('E_IDENTITY_KEY', `missing: ${path}`);
  return signerOf(JSON.parse(text) as unknown);
}

function firstTrust(signers: ReadonlyMap<string, Signer>, nowMs: number): TrustDocument {
  const root = signerIn(signers, ROOT);
  const validity = { notBefore: instant(nowMs - 3_600_000), notAfter: instant(nowMs + KEY_LIFE_MS) };
  return {
    type: 'trust',
    version: 1,
    issuedAt: instant(nowMs),
    root: { threshold: 1, keys: [root.publicJwk] },
    authorities: AUTHORITIES.map((authority) => ({
      ...authority,
      keys: [{ jwk: signerIn(signers, authority.id).publicJwk, ...validity }],
    })),
    revoked: [],
  };
}

async function signTrust(signers: ReadonlyMap<string, Signer>, document: TrustDocument): Promise<string> {
  const root = signerIn(signers, ROOT);
  const envelope = await new GeneralSign(new TextEncoder().encode(JSON.stringify(document)))
    .addSignature(root.key)
    .setProtectedHeader({ alg: root.algorithm, kid: root.kid, typ: TRUST_TYP })
    .done()
    .sign();
  return JSON.stringify(envelope);
}
