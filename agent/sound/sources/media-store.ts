import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LoaError, messageOf } from '../../core/errors.js';
import { openBytes, type MediaAccess } from './http-bytes.js';

const FILE_LIMIT_BYTES = 64 * 1024 * 1024;

/** Files by their SHA-256 in one folder, the least recently used dropped beyond the quota. */
export class MediaStore {
  readonly #folder: string;
  readonly #access: MediaAccess;
  readonly #quotaBytes: number;
  readonly #underway = new Map<string, Promise<string>>();

  constructor(folder: string, access: MediaAccess, quotaBytes: number) {
    this.#folder = folder;
    this.#access = access;
    this.#quotaBytes = quotaBytes;
  }

  /**
   * The path of the file with this digest, fetched if it is not here. Two askers share one download.
   * @throws LoaError `E_MEDIA_*`, `E_STORE_WRITE`
   */
  async fetch(url: string, sha256: string, signal: AbortSignal): Promise<string> {
    const path = join(this.#folder, sha256);
    if (await this.#holds(path, sha256)) return path;
    const underway = this.#underway.get(sha256);
    if (underway !== undefined) return underway;
    // A download goes on when the one who asked is gone: it is bounded, and what was signed will be asked for again.
    const work = this.#download(url, sha256, path, AbortSignal.timeout(10 * 60_000)).finally(() =>
      this.#underway.delete(sha256),
    );
    this.#underway.set(sha256, work);
    return Promise.race([work, aborted(signal)]);
  }

  async #holds(path: string, sha256: string): Promise<boolean> {
    try {
      const digest = createHash('sha256');
      for await (const chunk of createReadStream(path)) digest.update(chunk as Uint8Array);
      if (digest.digest('hex') !== sha256) {
        await rm(path, { force: true });
        return false;
      }
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw new LoaError('E_STORE_OPEN', messageOf(error), { cause: error });
    }
  }

  async #download(url: string, sha256: string, path: string, signal: AbortSignal): Promise<string> {
    const stream = await openBytes(url, this.#access, signal);
    const temporary = `${path}.part`;
    try {
      if (/^text\/html|application\/json/.test(stream.contentType ?? '')) {
        throw new LoaError('E_MEDIA_FORMAT', `not sound but ${stream.contentType ?? 'text'}`);
      }
      await mkdir(this.#folder, { recursive: true, mode: 0o750 });
      const digest = await save(stream.next.bind(stream), temporary);
      if (digest !== sha256) throw new LoaError('E_MEDIA_DIGEST', `${digest} came for ${sha256}`);
      await rename(temporary, path);
      await this.#evict(path);
      return path;
    } finally {
      stream.close();
      await rm(temporary, { force: true });
    }
  }

  async #evict(keep: string): Promise<void> {
    const names = await readdir(this.#folder);
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    let total = files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#quotaBytes) return;
      if (file.path === keep) continue;
      await rm(file.path, { force: true });
      total -= file.size;
    }
  }
}

async function save(next: () => Promise<Uint8Array | undefined>, path: string): Promise<string> {
  const digest = createHash('sha256');
  const file = await open(path, 'w', 0o640).catch((cause: unknown) => {
    throw new LoaError('E_STORE_WRITE', messageOf(cause), { cause });
  });
  try {
    let total = 0;
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
      total += chunk.length;
      if (total > FILE_LIMIT_BYTES) throw new LoaError('E_MEDIA_SIZE', `over ${FILE_LIMIT_BYTES} bytes`);
      digest.update(chunk);
      await file.write(chunk).catch((cause: unknown) => {
        throw new LoaError('E_STORE_WRITE', messageOf(cause), { cause });
      });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return digest.digest('hex');
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(new LoaError('E_MEDIA_CONNECT', 'no longer wanted'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
