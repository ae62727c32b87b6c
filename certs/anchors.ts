import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { X509Certificate } from 'node:crypto';
import { readIfPresent, syncFolder, writeAtomic } from '../agent/core/atomic-file.js';
import { instant } from '../agent/core/clock.js';
import { LoaError, messageOf } from '../agent/core/errors.js';
import { certificatesOf, issuedBy } from './certificate-chain.js';
import { identityFiles, readIdentityFile } from './identity-folder.js';

/** Where the certificate authorities of an identity folder stand: one set for all pairs. */
export interface AnchorFiles {
  /** The ones in force. */
  readonly inForce: string;
  /** A set that was vouched for, and is in force once it was tried. */
  readonly staged: string;
  /** The set before the one in force. */
  readonly previous: string;
}

/** The files of anchors of an identity folder. */
export function anchorFiles(folder: string): AnchorFiles {
  const inForce = identityFiles(folder).anchors;
  const beside = (name: string): string => inForce.replace(/\.pem$/, `.${name}.pem`);
  return { inForce, staged: beside('staged'), previous: beside('previous') };
}

/**
 * Checks a set of anchors that a person brings: authorities (basicConstraints) that signed themselves and have not
 * expired, at most 16, none twice.
 * @returns the set, PEM, without what else the text held
 * @throws LoaError `E_IDENTITY_ANCHORS` with what is wrong
 */
export function checkAnchors(pem: string, nowMs: number): string {
  const found = certificatesIn(pem);
  const seen = new Map(found.map((one) => [one.fingerprint256, one]));
  if (seen.size === 0) throw anchorsFault('no certificate is in it');
  for (const one of seen.values()) {
    if (!isRoot(one)) throw anchorsFault(`${nameOf(one)} is not an authority that signed itself`);
    if (Date.parse(one.validTo) < nowMs) {
      throw anchorsFault(`${nameOf(one)} expired at ${instant(Date.parse(one.validTo))}`);
    }
  }
  return [...seen.values()].map(String).join('');
}

/** True for an authority's certificate that is signed with its own key. */
export function isRoot(certificate: X509Certificate): boolean {
  return issuedBy(certificate, certificate);
}

/** The anchors in force. @throws LoaError `E_IDENTITY_CERTIFICATE` */
export async function readAnchors(folder: string): Promise<X509Certificate[]> {
  const text = await readIdentityFile(anchorFiles(folder).inForce, 'E_IDENTITY_CERTIFICATE', {
    secret: false,
  });
  return certificatesOf(text, 'anchors.pem');
}

/** The staged set, PEM; undefined where none is. @throws LoaError `E_IDENTITY_ANCHORS` where it is damaged */
export async function readStagedAnchors(folder: string): Promise<string | undefined> {
  const text = await readIfPresent(anchorFiles(folder).staged).catch((cause: unknown) => {
    throw anchorsFault(messageOf(cause), cause);
  });
  if (text !== undefined && certificatesIn(text).length === 0) throw anchorsFault('the staged set is empty');
  return text;
}

/** Puts a set beside the one in force. It must have been vouched for. @throws LoaError `E_STORE_WRITE` */
export async function stageAnchors(folder: string, anchorsPem: string): Promise<void> {
  await writeAtomic(anchorFiles(folder).staged, anchorsPem, 0o644);
}

/** Removes the staged set. @throws LoaError `E_STORE_WRITE` */
export async function dropStagedAnchors(folder: string): Promise<void> {
  await guarded(folder, async () => {
    await rm(anchorFiles(folder).staged, { force: true });
    await syncFolder(folder);
  });
}

/**
 * Puts the staged set in force: the one in force is copied to the previous, then one rename. A power cut leaves the old
 * set in force or the new one, each whole.
 * @throws LoaError `E_IDENTITY_ANCHORS` where nothing is staged, `E_IDENTITY_CERTIFICATE`, `E_STORE_WRITE`
 */
export async function promoteAnchors(folder: string): Promise<void> {
  const { inForce, staged, previous } = anchorFiles(folder);
  if ((await readStagedAnchors(folder)) === undefined) throw anchorsFault('nothing is staged');
  const old = await readIdentityFile(inForce, 'E_IDENTITY_CERTIFICATE', { secret: false });
  await writeAtomic(previous, old, 0o644);
  await guarded(folder, async () => {
    await rename(staged, inForce);
    await syncFolder(dirname(inForce));
  });
}

/** Takes the previous set again: for one in force that the disk has damaged. @throws LoaError `E_STORE_WRITE` */
export async function takePreviousAnchors(folder: string): Promise<void> {
  const { inForce, previous } = anchorFiles(folder);
  const old = await readIdentityFile(previous, 'E_IDENTITY_CERTIFICATE', { secret: false });
  await writeAtomic(inForce, old, 0o644);
}

/** An error about a set of anchors. */
export function anchorsFault(detail: string, cause?: unknown): LoaError {
  return new LoaError('E_IDENTITY_ANCHORS', detail.slice(0, 400), { cause });
}

/** How an authority is named to a person: its subject and the start of its SHA-256. */
export function nameOf(certificate: X509Certificate): string {
  const subject = certificate.subject.replaceAll('\n', ', ').slice(0, 80);
  return `${subject} (SHA-256 ${certificate.fingerprint256.replaceAll(':', '').toLowerCase()})`;
}

function certificatesIn(pem: string): X509Certificate[] {
  try {
    return certificatesOf(pem, 'the set of anchors');
  } catch (cause) {
    throw anchorsFault(messageOf(cause), cause);
  }
}

async function guarded(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', `cannot write in ${folder}`, { cause, fields: { path: folder } });
  }
}
