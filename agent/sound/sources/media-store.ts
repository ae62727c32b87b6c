import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LoaError, messageOf } from '../../core/errors.js';
import { openBytes, type MediaAccess } from './http-bytes.js';
import { GAIN, keptGainDb } from './kept-gain.js';
import type { MeasureLoudness } from './loudness.js';

const FILE_LIMIT_BYTES = 64 * 1024 * 1024;
const DOWNLOAD_LIMIT_MS = 10 * 60_000;
const PART = '.part';

/** In the folder: a JSON list of the digests that are needed soon and are not dropped for others. */
export const KEPT_FILE = 'kept.json';
const DIGEST = /^[0-9a-f]{64}$/;

/** Files by their SHA-256 in one folder, the least recently used dropped beyond the quota. */
export class MediaStore {
  readonly #folder: string;
  readonly #access: MediaAccess;
  readonly #quotaBytes: number;
  readonly #measure: MeasureLoudness | undefined;
  readonly #underway = new Map<string, Promise<string>>();

  /** @param measure how a kept file's loudness is found; without it every gain is 0 dB */
  constructor(folder: string, access: MediaAccess, quotaBytes: number, measure?: MeasureLoudness) {
    this.#folder = folder;
    this.#access = access;
    this.#quotaBytes = quotaBytes;
    this.#measure = measure;
  }

  /**
   * The path of the file with this digest, fetched if it is not here. Two askers share one download.
   * @throws LoaError `E_MEDIA_*`, `E_STORE_WRITE`
   */
  async fetch(url: string, sha256: string, signal: AbortSignal): Promise<string> {
    const path = join(this.#folder, sha256);
    if (await this.#holds(path, sha256)) return path;
    return unlessAborted(this.#underway.get(sha256) ?? this.#begin(url, sha256, path), signal);
  }

  /**
   * The fixed gain that brings a file of the store to −16 LUFS, dB: measured once, and kept beside it.
   * 0 where it cannot be measured.
   */
  async gainDb(path: string): Promise<number> {
    return keptGainDb(path, this.#measure);
  }

  /** A download goes on when the one who asked is gone: it is bounded, and what was signed will be asked for again. */
  #begin(url: string, sha256: string, path: string): Promise<string> {
    const work = this.#download(url, sha256, path, AbortSignal.timeout(DOWNLOAD_LIMIT_MS)).finally(() =>
      this.#underway.delete(sha256),
    );
    this.#underway.set(sha256, work);
    return work;
  }

  async #holds(path: string, sha256: string): Promise<boolean> {
    try {
      const digest = createHash('sha256');
      for await (const chunk of createReadStream(path)) digest.update(chunk as Uint8Array);
      if (digest.digest('hex') !== sha256) {
        await rm(path, { force: true });
        await rm(path + GAIN, { force: true });
        return false;
      }
      await touch(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw new LoaError('E_STORE_OPEN', messageOf(error), { cause: error });
    }
  }

  async #download(url: string, sha256: string, path: string, signal: AbortSignal): Promise<string> {
    const stream = await openBytes(url, this.#access, signal, { purpose: 'media' });
    const temporary = path + PART;
    try {
      if (/^text\/html|application\/json/.test(stream.contentType ?? '')) {
        throw new LoaError('E_MEDIA_FORMAT', `not sound but ${stream.contentType ?? 'text'}`);
      }
      await onDisk(mkdir(this.#folder, { recursive: true, mode: 0o750 }));
      const digest = await save(stream.next.bind(stream), temporary);
      if (digest !== sha256) throw new LoaError('E_MEDIA_DIGEST', `${digest} came for ${sha256}`);
      await onDisk(rename(temporary, path));
      await onDisk(this.#evict(path));
      return path;
    } finally {
      stream.close();
      await rm(temporary, { force: true });
    }
  }

  /** What must stay. A list that cannot be read keeps nothing: it is written anew within minutes. */
  async #kept(): Promise<ReadonlySet<string>> {
    const text = await readFile(join(this.#folder, KEPT_FILE), 'utf8').catch(() => '');
    return new Set(text.match(/[0-9a-f]{64}/g));
  }

  async #evict(keep: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => DIGEST.test(name.slice(0, 64)));
    const kept = await this.#kept();
    const files: { path: string; size: number; mtimeMs: number }[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      // What is fetched ahead in pieces is the other thread's.
      if (name.endsWith(GAIN) || name.endsWith('.begun')) continue;
      if (name.endsWith(PART) && this.#underway.has(name.slice(0, -PART.length))) continue;
      // Another download may have renamed it in the meantime.
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) files.push({ path, size: found.size, mtimeMs: found.mtimeMs });
    }
    let total = files.reduce((sum, file) => sum + file.size, 0);
    for (const file of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.#quotaBytes) return;
      if (file.path === keep || kept.has(basename(file.path))) continue;
      await rm(file.path, { force: true });
      await rm(file.path + GAIN, { force: true });
      total -= file.size;
    }
  }
}

async function save(next: () => Promise<Uint8Array | undefined>, path: string): Promise<string> {
  const digest = createHash('sha256');
  const file = await onDisk(open(path, 'w', 0o640));
  try {
    let total = 0;
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
      total += chunk.length;
      if (total > FILE_LIMIT_BYTES) throw new LoaError('E_MEDIA_SIZE', `over ${FILE_LIMIT_BYTES} bytes`);
      digest.update(chunk);
      await onDisk(file.writeFile(chunk));
    }
    await onDisk(file.sync());
  } finally {
    await file.close();
  }
  return digest.digest('hex');
}

/** Marks a file as used now. A disk that is read-only or full must not keep what is on it from being heard. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', messageOf(cause), { cause });
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new LoaError('E_MEDIA_CONNECT', 'no longer wanted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export type { MeasureLoudness } from './loudness.js';
