import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptTrust } from '../../protocols/trust-document.js';
import { readIfPresent, writeAtomic } from '../core/atomic-file.js';
import { readKept, writeKept } from '../core/kept-file.js';

/** Signed documents as they came, one file a slot, so that each is verified again when it is used. */
export class DocumentFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a document; resolves when it is on disk. @throws LoaError `E_STORE_WRITE` */
  async keep(slotKey: string, signed: Uint8Array): Promise<void> {
    await writeAtomic(this.#path(slotKey), signed, 0o640);
  }

  /** Every document kept that can be read; `onUnreadable` is told why another, or all of them, cannot. */
  async all(onUnreadable: (error: unknown) => void): Promise<Uint8Array[]> {
    const names = await this.#names().catch((error: unknown) => {
      onUnreadable(error);
      return [];
    });
    const read = await Promise.allSettled(names.map((name) => readFile(join(this.#folder, name))));
    return read.flatMap((one) => {
      if (one.status === 'fulfilled') return [one.value];
      onUnreadable(one.reason);
      return [];
    });
  }

  /** Drops a document that may not be used any more. */
  async drop(slotKey: string): Promise<void> {
    await rm(this.#path(slotKey), { force: true });
  }

  async #names(): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    return (await readdir(this.#folder)).filter((name) => name.endsWith('.jws')).sort();
  }

  // The key holds slashes and ids from outside: its digest is a name that cannot lead out of the folder.
  #path(slotKey: string): string {
    return join(this.#folder, `${createHash('sha256').update(slotKey).digest('hex').slice(0, 32)}.jws`);
  }
}

/** The trust document in force, as it was signed. */
export class TrustFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The signed text, or undefined where none was installed. Where the file is damaged, the document before it: a
   * receiver that knows no authority would be silent for good, and the newer document comes again from the broker.
   */
  async read(): Promise<string | undefined> {
    const { text } = await readKept(this.#path, (found) => {
      const trust = keptTrust(found);
      if (!trust.ok) throw new Error(trust.refusal.detail);
    });
    return text ?? (await readIfPresent(this.#path));
  }

  /** Replaces it. @throws LoaError `E_STORE_WRITE` */
  async write(signed: string): Promise<void> {
    await writeKept(this.#path, signed, 0o640);
  }
}
