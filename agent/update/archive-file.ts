import { constants } from 'node:fs';
import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';
import { codeOf, LoaError, messageOf } from '../core/errors.js';
import { openBytes, type ByteStream, type MediaAccess } from '../sound/sources/http-bytes.js';
import type { Offer } from './offer.js';
import { digestOf } from './slots.js';

/** A power cut costs at most so many bytes that have come, and as many once more in a write that was under way. */
const PIECE_BYTES = 128 * 1_024;

/** What a download brought. */
export interface Fetched {
  readonly bytes: number;
  readonly whole: boolean;
}

/**
 * The archive of a program while it comes. Beside it stands how much of it is known to be on the disk (`.synced`): what lies behind may be
 * torn by a power cut, and is fetched again; all before is not.
 */
export class ArchiveFile {
  constructor(readonly path: string) {}

  /** Bytes that are here for certain. */
  async held(): Promise<number> {
    const size = (await stat(this.path).catch(() => undefined))?.size ?? 0;
    const synced = Number((await readIfPresent(this.#noted).catch(() => undefined)) ?? 0);
    return Number.isInteger(synced) ? Math.min(size, synced) : 0;
  }

  /**
   * Fetches what is missing, from where the last attempt ended.
   * @param allowedBytes at most so many now
   * @param onBytes told of what has come, also where it fails later
   * @throws LoaError `E_UPDATE_FETCH`; `E_STORE_WRITE` where the disk is full
   */
  async fetch(
    url: string,
    { bytes: wantedBytes }: Offer,
    access: MediaAccess,
    how: {
      readonly allowedBytes: number;
      readonly signal: AbortSignal;
      readonly onBytes: (bytes: number) => void;
    },
  ): Promise<Fetched> {
    const held = await this.held();
    if (held >= wantedBytes) return { bytes: 0, whole: true };
    const { stream, offset } = await this.#ask(url, access, held, how.signal);
    try {
      return await this.#save(stream, offset, wantedBytes, how);
    } finally {
      stream.close();
    }
  }

  /** Is it what was signed? @throws LoaError `E_UPDATE_DIGEST` */
  async verify({ bytes, sha256 }: Offer): Promise<void> {
    const found = await digestOf(this.path);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new LoaError('E_UPDATE_DIGEST', `${found.sha256} of ${found.bytes} bytes came for ${sha256}`);
  }

  async drop(): Promise<void> {
    await rm(this.#noted, { force: true });
    await rm(this.path, { force: true });
  }

  get #noted(): string {
    return `${this.path}.synced`;
  }

  async #ask(
    url: string,
    access: MediaAccess,
    held: number,
    signal: AbortSignal,
  ): Promise<{ readonly stream: ByteStream; readonly offset: number }> {
    if (held > 0) {
      try {
        const asked = { range: { offset: held }, purpose: 'update' } as const;
        return { stream: await asFetch(openBytes(url, access, signal, asked)), offset: held };
      } catch (error) {
        // 200: a server that knows no ranges, so from the beginning.
        if (!(error instanceof LoaError) || error.fields['status'] !== 200) throw error;
      }
    }
    return { stream: await asFetch(openBytes(url, access, signal, { purpose: 'update' })), offset: 0 };
  }

  async #save(
    stream: ByteStream,
    offset: number,
    wantedBytes: number,
    { allowedBytes, onBytes }: { readonly allowedBytes: number; readonly onBytes: (bytes: number) => void },
  ): Promise<Fetched> {
    await onDisk(mkdir(dirname(this.path), { recursive: true, mode: 0o750 }));
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
    const file = await onDisk(open(this.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o640));
    let at = offset;
    let syncedAt = offset;
    try {
      await onDisk(file.truncate(offset));
      for (
        let chunk = await asFetch(stream.next());
        chunk !== undefined;
        chunk = await asFetch(stream.next())
      ) {
        onBytes(chunk.length);
        if (at + chunk.length > wantedBytes)
          throw new LoaError('E_UPDATE_DIGEST', `more than the ${wantedBytes} bytes that were signed`);
        await onDisk(file.writeFile(chunk));
        at += chunk.length;
        if (at - syncedAt >= PIECE_BYTES) {
          await this.#synced(file, at);
          syncedAt = at;
        }
        if (at - offset >= allowedBytes) break;
      }
    } finally {
      if (at > syncedAt) await this.#synced(file, at).catch(() => undefined);
      await file.close();
    }
    const whole = at === wantedBytes;
    if (!whole && at - offset < allowedBytes)
      throw new LoaError('E_UPDATE_FETCH', `ended after ${at} of ${wantedBytes} bytes`);
    return { bytes: at - offset, whole };
  }

  async #synced(file: FileHandle, bytes: number): Promise<void> {
    await onDisk(file.sync());
    await writeAtomic(this.#noted, `${bytes}\n`, 0o640);
  }
}

async function asFetch<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const fields = cause instanceof LoaError ? { fields: cause.fields } : {};
    throw new LoaError('E_UPDATE_FETCH', messageOf(cause).slice(0, 250), { cause, ...fields });
  }
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LoaError('E_STORE_WRITE', `${codeOf(cause)} ${messageOf(cause)}`, { cause });
  }
}
