import { lstat, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeAtomic } from '../agent/core/atomic-file.js';
import { LoaError, messageOf } from '../agent/core/errors.js';
import { anchorFiles, takePreviousAnchors } from './anchors.js';
import { checkChain } from './certificate-chain.js';
import { certificateRequest } from './certificate-request.js';
import { parseDeviceKey } from './device-key.js';
import { identityFiles, readIdentityFile, type IdentityFiles } from './identity-folder.js';
import { Identity } from './identity.js';
import { newKeyPem, type KeyKind } from './new-key.js';

const LINK = 'current';
const PAIR = /^pair-([1-9]\d{0,8})$/;

/**
 * The pairs of key and certificate in an identity folder, by number. Pair 0 stands in the folder itself, pair n in
 * `pair-n/`. The symbolic link `current` says which is in force (none: pair 0); one above it is staged, the one
 * below it is the previous.
 */
export interface IdentityPairs {
  readonly current: number;
  readonly staged: number | undefined;
  readonly previous: number | undefined;
}

/** Where a pair stands. Anchors are those of the folder, whichever pair is in force. */
export function pairFiles(folder: string, pair: number): IdentityFiles {
  const { anchors, ...own } = identityFiles(pair === 0 ? folder : join(folder, `pair-${pair}`));
  return pair === 0 ? { anchors, ...own } : { ...own, anchors: identityFiles(folder).anchors };
}

/**
 * Looks which pairs there are.
 * @throws LoaError `E_IDENTITY_CERTIFICATE` where `current` is no link to a pair
 */
export async function readPairs(folder: string): Promise<IdentityPairs> {
  const current = await linked(folder);
  const numbers = await pairNumbers(folder);
  if (await present(identityFiles(folder).certificate)) numbers.push(0);
  const above = numbers.filter((pair) => pair > current);
  const below = numbers.filter((pair) => pair < current);
  return { current, staged: highest(above), previous: highest(below) };
}

/** The files of the pair in force. @throws LoaError `E_IDENTITY_CERTIFICATE` */
export async function filesInForce(folder: string): Promise<IdentityFiles> {
  return pairFiles(folder, await linked(folder));
}

/**
 * Makes a key and the request for its certificate beside the pair in force, which is not touched. What was staged
 * before is gone on with where its key is of the kind wanted, so that a request asked twice is for one key.
 * @throws LoaError `E_STORE_WRITE`
 */
export async function stageRequest(options: {
  readonly folder: string;
  readonly receiverId: string;
  readonly kind: KeyKind;
}): Promise<{ readonly files: IdentityFiles; readonly requestPem: string; readonly keyMade: boolean }> {
  const { folder, receiverId, kind } = options;
  const { current, staged } = await readPairs(folder);
  const files = pairFiles(folder, staged ?? current + 1);
  const kept = await keyOf(files, kind);
  if (kept === undefined) {
    await dropStaged(folder);
    await writeAtomic(files.key, await newKeyPem(kind), 0o600);
  }
  const key = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const requestPem = await certificateRequest(receiverId, parseDeviceKey(key, files.key));
  await writeAtomic(files.request, requestPem, 0o644);
  return { files, requestPem, keyMade: kept === undefined };
}

/**
 * Stores the certificate of the staged key, after all of it was checked: chain to the anchors, name, dates.
 * @throws LoaError `E_IDENTITY_*`, `E_STORE_WRITE`
 */
export async function stageCertificate(options: {
  readonly folder: string;
  readonly certificatePem: string;
  readonly receiverId: string;
  readonly nowMs: number;
}): Promise<Identity> {
  const { folder, certificatePem, receiverId, nowMs } = options;
  const { staged } = await readPairs(folder);
  if (staged === undefined) throw new LoaError('E_IDENTITY_STAGED', 'no key is staged');
  const files = pairFiles(folder, staged);
  const anchorsPem = await readIdentityFile(files.anchors, 'E_IDENTITY_CERTIFICATE', { secret: false });
  const identity = await identityOf(files, certificatePem, anchorsPem);
  identity.checkValidity(nowMs);
  wantName(identity, receiverId);
  await writeAtomic(files.certificate, identity.certificatePem, 0o644);
  return identity;
}

/** The staged identity where key and certificate are there and fit. @throws LoaError `E_IDENTITY_*` */
export async function readStaged(folder: string): Promise<Identity | undefined> {
  const { staged } = await readPairs(folder);
  if (staged === undefined || !(await present(pairFiles(folder, staged).certificate))) return undefined;
  return readPair(folder, staged);
}

/** A pair as an identity, under the anchors in force or those of another file. @throws LoaError `E_IDENTITY_*` */
export async function readPair(folder: string, pair: number, anchors?: string): Promise<Identity> {
  const files = { ...pairFiles(folder, pair), ...(anchors === undefined ? {} : { anchors }) };
  const [certificatePem, anchorsPem] = await Promise.all([
    readIdentityFile(files.certificate, 'E_IDENTITY_CERTIFICATE', { secret: false }),
    readIdentityFile(files.anchors, 'E_IDENTITY_CERTIFICATE', { secret: false }),
  ]);
  return identityOf(files, certificatePem, anchorsPem);
}

/**
 * Puts the staged pair in force: one rename of a link, so that a power cut leaves the old pair or the new one. The old
 * one is kept as the previous; those before it are removed.
 * @throws LoaError `E_IDENTITY_*` where the staged pair does not hold, `E_STORE_WRITE`
 */
export async function promote(folder: string): Promise<Identity> {
  const { current, staged } = await readPairs(folder);
  if (staged === undefined) throw new LoaError('E_IDENTITY_STAGED', 'no pair is staged');
  const identity = await readPair(folder, staged);
  await point(folder, staged);
  await removePairs(folder, (pair) => pair < current);
  return identity;
}

/** Removes what is staged. @throws LoaError `E_STORE_WRITE` */
export async function dropStaged(folder: string): Promise<void> {
  const { current } = await readPairs(folder);
  await removePairs(folder, (pair) => pair > current);
}

/** Puts the previous pair in force again and removes the one that was. @throws LoaError `E_IDENTITY_*`, `E_STORE_WRITE` */
export async function fallBack(folder: string): Promise<Identity> {
  const { previous } = await readPairs(folder);
  if (previous === undefined) throw new LoaError('E_IDENTITY_STAGED', 'there is no previous pair');
  const identity = await readPair(folder, previous);
  await point(folder, previous);
  await removePairs(folder, (pair) => pair > previous);
  return identity;
}

/**
 * To be called at each start, before the identity is read: clears what a power cut left half done, and where the
 * pair in force cannot be used but would be with the previous anchors, or the previous pair can, takes those.
 * @returns why the previous ones had to be taken, or undefined
 * @throws LoaError `E_STORE_WRITE`
 */
export async function recoverIdentity(folder: string): Promise<LoaError | undefined> {
  if (!(await present(folder))) return undefined;
  await guarded(folder, () => rm(join(folder, `${LINK}.new`), { force: true }));
  const { current, previous } = await readPairs(folder);
  const fault = await readPair(folder, current).then(() => undefined, asLoaError);
  if (fault === undefined) return undefined;
  if (await worksWithPreviousAnchors(folder, current)) {
    await takePreviousAnchors(folder);
    return fault;
  }
  if (previous === undefined) return undefined;
  try {
    await fallBack(folder);
  } catch (error) {
    if (isIdentityFault(error)) return undefined;
    throw error;
  }
  return fault;
}

async function worksWithPreviousAnchors(folder: string, pair: number): Promise<boolean> {
  const { previous } = anchorFiles(folder);
  if (!(await present(previous))) return false;
  return readPair(folder, pair, previous).then(
    () => true,
    (error: unknown) => {
      asLoaError(error);
      return false;
    },
  );
}

async function identityOf(
  files: IdentityFiles,
  certificatePem: string,
  anchorsPem: string,
): Promise<Identity> {
  const keyPem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
  const deviceKey = parseDeviceKey(keyPem, files.key);
  return Identity.of(checkChain(certificatePem, anchorsPem, deviceKey.key), keyPem, deviceKey);
}

/** @throws LoaError `E_IDENTITY_CERTIFICATE` where the identity is another receiver's */
export function wantName(identity: Identity, receiverId: string): void {
  if (identity.receiverId === receiverId) return;
  const fields = { expected: receiverId, found: identity.receiverId };
  throw new LoaError('E_IDENTITY_CERTIFICATE', `the certificate is for ${fields.found}`, { fields });
}

/** True where the staged key is there and of the kind wanted; a torn one is made again. */
async function keyOf(files: IdentityFiles, kind: KeyKind): Promise<true | undefined> {
  if (!(await present(files.key))) return undefined;
  try {
    const pem = await readIdentityFile(files.key, 'E_IDENTITY_KEY', { secret: true });
    const { algorithm } = parseDeviceKey(pem, files.key);
    return (algorithm === 'RS256') === (kind !== 'ec-p256') ? true : undefined;
  } catch (error) {
    if (error instanceof LoaError) return undefined;
    throw error;
  }
}

/** True for what is wrong with a key, a certificate or a chain, rather than with the disk or the network. */
export function isIdentityFault(error: unknown): boolean {
  return error instanceof LoaError && error.code.split('_')[1] === 'IDENTITY';
}

async function linked(folder: string): Promise<number> {
  try {
    const target = PAIR.exec(await readlink(join(folder, LINK)))?.[1];
    if (target !== undefined) return Number(target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new LoaError('E_IDENTITY_CERTIFICATE', `${LINK}: ${messageOf(cause)}`, { cause });
  }
  throw new LoaError('E_IDENTITY_CERTIFICATE', `${LINK} is a link to something else`);
}

/** The one step that changes which pair is in force. What it points to is on disk before it does. */
async function point(folder: string, pair: number): Promise<void> {
  await guarded(folder, async () => {
    const link = join(folder, LINK);
    await syncFolder(folder);
    if (pair === 0) await rm(link, { force: true });
    else {
      await rm(`${link}.new`, { force: true });
      await symlink(`pair-${pair}`, `${link}.new`);
      await rename(`${link}.new`, link);
    }
    await syncFolder(folder);
  });
}

async function removePairs(folder: string, which: (pair: number) => boolean): Promise<void> {
  if (!(await present(folder))) return;
  await guarded(folder, async () => {
    for (const pair of (await pairNumbers(folder)).filter(which)) {
      await rm(join(folder, `pair-${pair}`), { recursive: true, force: true });
    }
    if (which(0)) {
      const { key, request, certificate } = identityFiles(folder);
      for (const path of [certificate, key, request]) await rm(path, { force: true });
    }
    await syncFolder(folder);
  });
}

async function guarded(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', `cannot write in ${folder}`, { cause, fields: { path: folder } });
  }
}

async function pairNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new LoaError('E_IDENTITY_CERTIFICATE', `${folder}: ${messageOf(cause)}`, { cause });
  });
  return names.flatMap((name) => (PAIR.test(name) ? [Number(name.slice('pair-'.length))] : []));
}

/** True for anything in that place, a dangling link too; what cannot be looked at is there. */
async function present(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function highest(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function asLoaError(error: unknown): LoaError {
  if (error instanceof LoaError) return error;
  throw error;
}
