import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeAtomic } from '../core/atomic-file.js';
import { codeOf, LoaError, messageOf } from '../core/errors.js';
import { openBytes, type ByteStream, type MediaAccess } from '../sound/sources/http-bytes.js';
import { KEPT_FILE } from '../sound/sources/media-store.js';
import type { WantedMedia } from './media-plan.js';

const FILE_LIMIT_BYTES = 64 * 1_048_576;
/** Behind the name of a file that is not whole yet. */
const BEGUN = '.begun';
const DIGEST = /^[0-9a-f]{64}$/;

/** A file of the cache. */
export interface CachedMedia {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was fetched or used last, wall time, milliseconds. */
  readonly usedMs: number;
}

/** The files that were fetched ahead: the same folder that the sound thread plays from, each file under its digest. */
export class MediaFolder {
  readonly #folder: string;
  readonly #access: () => MediaAccess;
  readonly #imageFolder: string | undefined;
  /** Digest to size of those that were read and found right by this run. */
  readonly #checked = new Map<string, number>();

  /** @param imageFolder files that came with the image, under their digests: they are not fetched */
  constructor(folder: string, access: () => MediaAccess, imageFolder?: string) {
    this.#folder = folder;
    this.#access = access;
    this.#imageFolder = imageFolder;
  }

  /** The whole files, the least recently used first. */
  async files(): Promise<CachedMedia[]> {
    const names = (await readdir(this.#folder).catch(absent)).filter((name) => DIGEST.test(name));
    const found: CachedMedia[] = [];
    for (const sha256 of names) {
      // The sound thread may drop one at the same time.
      const { size, mtimeMs } = (await stat(join(this.#folder, sha256)).catch(() => undefined)) ?? {};
      if (size !== undefined && mtimeMs !== undefined) found.push({ sha256, bytes: size, usedMs: mtimeMs });
    }
    return found.sort((a, b) => a.usedMs - b.usedMs);
  }

  /** Bytes of a file that is not whole yet; 0 where it was not begun. */
  async begunBytes(sha256: string): Promise<number> {
    return (await stat(this.pathOf(sha256) + BEGUN).catch(() => undefined))?.size ?? 0;
  }

  /** True where the file is there and is what its name says: read once a run, and again where its size has changed. A broken one is dropped. */
  async holds(sha256: string): Promise<boolean> {
    const size = (await stat(this.pathOf(sha256)).catch(() => undefined))?.size;
    if (size === undefined) return this.#takeFromImage(sha256);
    if (this.#checked.get(sha256) === size) return true;
    if ((await digestOf(this.pathOf(sha256))) === sha256) {
      this.#checked.set(sha256, size);
      return true;
    }
    await this.drop(sha256);
    return false;
  }

  /**
   * Fetches a file, from where an earlier attempt ended. It takes its name when all of it is on the disk and its digest is right.
   * @param allowedBytes at most so many now; the rest another time
   * @returns bytes that came, and whether it is whole
   * @throws LoaError `E_MEDIA_*`; `E_STORE_WRITE` where the disk is full
   */
  async fetch(
    { url, sha256 }: WantedMedia,
    allowedBytes: number,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: number; readonly whole: boolean }> {
    const begun = this.pathOf(sha256) + BEGUN;
    await onDisk(mkdir(this.#folder, { recursive: true, mode: 0o750 }));
    const { stream, offset } = await this.#ask(url, begun, await this.begunBytes(sha256), signal);
    let saved: { readonly bytes: number; readonly ended: boolean };
    try {
      if (/^text\/html|application\/json/.test(stream?.contentType ?? ''))
        throw new LoaError('E_MEDIA_FORMAT', `not sound but ${stream?.contentType ?? 'text'}`);
      saved =
        stream === undefined ? { bytes: 0, ended: true } : await save(stream, begun, offset, allowedBytes);
    } finally {
      stream?.close();
    }
    if (!saved.ended) return { bytes: saved.bytes, whole: false };
    await this.#finish(sha256, begun);
    return { bytes: saved.bytes, whole: true };
  }

  /** A link to what came with the image, where it is what its name says. */
  async #takeFromImage(sha256: string): Promise<boolean> {
    if (this.#imageFolder === undefined) return false;
    const path = join(this.#imageFolder, sha256);
    if ((await digestOf(path).catch(() => undefined)) !== sha256) return false;
    await onDisk(mkdir(this.#folder, { recursive: true, mode: 0o750 }));
    await onDisk(rm(this.pathOf(sha256), { force: true }));
    await onDisk(symlink(path, this.pathOf(sha256)));
    return true;
  }

  /** Takes a file away, and what was begun of it. */
  async drop(sha256: string): Promise<void> {
    this.#checked.delete(sha256);
    for (const suffix of ['', BEGUN, '.gain']) await rm(this.pathOf(sha256) + suffix, { force: true });
  }

  /** Takes away what was begun of files that nobody wants any more. */
  async dropBegun(wanted: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#folder).catch(absent)) {
      if (name.endsWith(BEGUN) && !wanted.has(name.slice(0, -BEGUN.length)))
        await rm(join(this.#folder, name), { force: true });
    }
  }

  /** Writes down what the sound thread must not drop. @throws LoaError `E_STORE_WRITE` */
  async keep(digests: readonly string[]): Promise<void> {
    await writeAtomic(join(this.#folder, KEPT_FILE), JSON.stringify(digests), 0o640);
  }

  /** Undefined where all of it is here already: a server answers 416 to what lies behind the end (RFC 9110, 15.5.17). */
  async #ask(
    url: string,
    begun: string,
    offset: number,
    signal: AbortSignal,
  ): Promise<{ readonly stream: ByteStream | undefined; readonly offset: number }> {
    if (offset > 0) {
      try {
        const asked = { range: { offset }, purpose: 'media' } as const;
        return { stream: await openBytes(url, this.#access(), signal, asked), offset };
      } catch (error) {
        const status = error instanceof LoaError ? error.fields?.status : undefined;
        if (status === 416) return { stream: undefined, offset };
        // 200: a server that knows no ranges. From the beginning, then.
        if (status !== 200) throw error;
        await rm(begun, { force: true });
      }
    }
    return { stream: await openBytes(url, this.#access(), signal, { purpose: 'media' }), offset: 0 };
  }

  async #finish(sha256: string, begun: string): Promise<void> {
    const digest = await digestOf(begun);
    if (digest !== sha256) {
      await rm(begun, { force: true });
      throw new LoaError('E_MEDIA_DIGEST', `${digest} came for ${sha256}`);
    }
    await onDisk(rename(begun, this.pathOf(sha256)));
    await onDisk(syncFolder(this.#folder));
    this.#checked.set(sha256, (await stat(this.pathOf(sha256))).size);
  }

  /** Where a file of this digest stands, or would. */
  pathOf(sha256: string): string {
    return join(this.#folder, sha256);
  }
}

async function save(
  stream: ByteStream,
  path: string,
  offset: number,
  allowedBytes: number,
): Promise<{ readonly bytes: number; readonly ended: boolean }> {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NOFOLLOW } = constants;
  const how = offset === 0 ? O_TRUNC : O_APPEND;
  const file = await onDisk(open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | how, 0o640));
  let bytes = 0;
  try {
    let ended = true;
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      bytes += chunk.length;
      if (offset + bytes > FILE_LIMIT_BYTES)
        throw new LoaError('E_MEDIA_SIZE', `over ${FILE_LIMIT_BYTES} bytes`);
      await onDisk(file.writeFile(chunk));
      if (bytes < allowedBytes) continue;
      ended = false;
      break;
    }
    await onDisk(file.sync());
    return { bytes, ended };
  } finally {
    await file.close();
  }
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) digest.update(chunk as Uint8Array);
  } catch (cause) {
    throw new LoaError('E_STORE_OPEN', messageOf(cause), { cause });
  }
  return digest.digest('hex');
}

function absent(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw new LoaError('E_STORE_OPEN', messageOf(error), { cause: error });
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', `${codeOf(cause)} ${messageOf(cause)}`, { cause });
  }
}
