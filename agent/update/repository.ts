import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { LoaError, messageOf, type ErrorCode } from '../core/errors.js';
import { openBytes, type MediaAccess } from '../sound/sources/http-bytes.js';
import { offer, offered, type Offer } from './offer.js';

/** The files of metadata that were trusted last, each as it came; `pinned` is the SHA-256 of the root that all began with. */
export const trustedMetadata = z.object({
  pinned: z.string().max(64),
  root: z.string(),
  timestamp: z.string().optional(),
  snapshot: z.string().optional(),
  targets: z.string().optional(),
});

/** See {@link trustedMetadata}. */
export type TrustedMetadata = z.infer<typeof trustedMetadata>;

/** What a repository is asked with. */
export interface RepositoryAccess {
  /** `https://host[:port][/path]`: `metadata/` and `targets/` stand below it. */
  readonly url: string;
  /** The root that was pinned at installation: TUF root metadata, JSON. */
  readonly pinnedRoot: string;
  readonly media: MediaAccess;
  /** Trusted time, wall time, milliseconds. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What a check found. `trusted` is to be kept, also where it failed: a newer root has come by then, or it is as it was. */
export interface RepositoryCheck {
  readonly trusted: TrustedMetadata;
  readonly offer?: Offer;
  readonly failure?: { readonly code: ErrorCode; readonly detail: string };
}

const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
/** Lengths that no metadata of a few programs needs, bytes (TUF 5.3.3, 5.4.1 and 5.5.1 want such limits). */
const LIMITS = {
  rootMaxLength: 64_000,
  timestampMaxLength: 16_384,
  snapshotMaxLength: 64_000,
  targetsMaxLength: 256_000,
  maxRootRotations: 64,
  maxDelegations: 4,
};

/**
 * Asks a repository for the program at a path, by the client workflow of TUF (theupdateframework.github.io/specification, 5), with
 * tuf-js. That one judges expiry by the machine's clock and takes no other: what it has accepted must also not have expired by
 * trusted time. Never throws.
 */
export async function checkRepository(
  access: RepositoryAccess,
  kept: TrustedMetadata | undefined,
  path: string,
): Promise<RepositoryCheck> {
  const pinned = createHash('sha256').update(access.pinnedRoot).digest('hex');
  // Another root was pinned by hand: what the one before led to counts no more.
  const before = kept?.pinned === pinned ? kept : { pinned, root: access.pinnedRoot };
  const folder = await mkdtemp(join(tmpdir(), 'loa-update-'));
  const failures: unknown[] = [];
  try {
    for (const role of ROLES) {
      const text = before[role];
      if (text !== undefined) await writeFile(join(folder, `${role}.json`), text);
    }
    const found = await refresh(access, folder, path, failures);
    const trusted = await readTrusted(folder, pinned, before);
    const stale = expiredOf(trusted, access.nowMs);
    if (stale !== undefined) return { trusted, failure: { code: 'E_UPDATE_EXPIRED', detail: stale } };
    return found === undefined ? { trusted } : { trusted, offer: found };
  } catch (error) {
    const trusted = await readTrusted(folder, pinned, before).catch(() => before);
    return { trusted, failure: failureOf(error, failures) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refresh(
  access: RepositoryAccess,
  folder: string,
  path: string,
  failures: unknown[],
): Promise<Offer | undefined> {
  // Late, because it is large, and a receiver asks some times a day.
  const { DownloadHTTPError, Updater } = await import('./tuf-client.js');
  const base = access.url.replace(/\/+$/, '');
  const downloadBytes = async (address: string, limit: number): Promise<Buffer> => {
    try {
      return await fetchBytes(address, limit, access);
    } catch (error) {
      const status = error instanceof LoaError ? error.fields['status'] : undefined;
      if (typeof status === 'number') throw new DownloadHTTPError(messageOf(error), status);
      failures.push(error);
      throw error;
    }
  };
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: `${base}/metadata`,
    config: LIMITS,
    fetcher: {
      downloadBytes,
      // Programs are not fetched by it: see ArchiveFile, which goes on where it was interrupted.
      downloadFile: () => Promise.reject(new Error('not fetched here')),
    },
  });
  await updater.refresh();
  const target = await updater.getTargetInfo(path);
  if (target === undefined) return undefined;
  const sha256 = target.hashes['sha256'] ?? '';
  const custom = offered.safeParse(target.custom);
  // Consistent snapshots: the digest stands before the name (TUF 6.2.4).
  const read = offer.safeParse({
    ...custom.data,
    ...{ path: `targets/${sha256}.${path}`, bytes: target.length, sha256 },
  });
  if (!custom.success || !read.success)
    throw new LoaError('E_UPDATE_METADATA', `${path}: what it is cannot be understood`);
  return read.data;
}

async function fetchBytes(
  address: string,
  limit: number,
  { media, signal }: RepositoryAccess,
): Promise<Buffer> {
  const stream = await openBytes(address, media, signal, { purpose: 'update' });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      bytes += chunk.length;
      if (bytes > limit) throw new LoaError('E_UPDATE_METADATA', `longer than ${limit} bytes`);
      chunks.push(chunk);
    }
  } finally {
    stream.close();
  }
  return Buffer.concat(chunks);
}

async function readTrusted(
  folder: string,
  pinned: string,
  before: TrustedMetadata,
): Promise<TrustedMetadata> {
  const texts: Record<string, string> = {};
  for (const role of ROLES) {
    const text = await readFile(join(folder, `${role}.json`), 'utf8').catch(() => undefined);
    if (text !== undefined) texts[role] = text;
  }
  return trustedMetadata.parse({ ...texts, pinned, root: texts['root'] ?? before.root });
}

const expiring = z.object({ signed: z.object({ expires: z.iso.datetime({ offset: true }) }) });

/** Which of the files has expired by trusted time; undefined where none has. */
function expiredOf(trusted: TrustedMetadata, nowMs: number): string | undefined {
  for (const role of ROLES) {
    const text = trusted[role];
    if (text === undefined) return `${role} is missing`;
    const { expires } = expiring.parse(JSON.parse(text)).signed;
    if (Date.parse(expires) <= nowMs) return `${role} expired at ${expires}`;
  }
  return undefined;
}

/** tuf-js wraps what failed in texts: what its fetcher met goes first, then what the words say. */
function failureOf(
  error: unknown,
  failures: readonly unknown[],
): { readonly code: ErrorCode; readonly detail: string } {
  const detail = messageOf(error).slice(0, 300);
  const fetching = failures.at(-1);
  if (fetching instanceof LoaError && fetching.code === 'E_UPDATE_METADATA')
    return { code: 'E_UPDATE_METADATA', detail: messageOf(fetching).slice(0, 300) };
  if (failures.length > 0) return { code: 'E_UPDATE_FETCH', detail: messageOf(fetching).slice(0, 300) };
  if (error instanceof LoaError) return { code: error.code, detail };
  if (/expired/i.test(detail)) return { code: 'E_UPDATE_EXPIRED', detail };
  if (/persist/i.test(detail)) return { code: 'E_STORE_WRITE', detail };
  if (/answered \d{3}/.test(detail)) return { code: 'E_UPDATE_FETCH', detail };
  return { code: 'E_UPDATE_METADATA', detail };
}
