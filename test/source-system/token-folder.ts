import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError } from '../../agent/core/errors.js';
import { identifier } from '../../protocols/messages/common.js';

const TOKENS_LIMIT = 10_000;

const kept = z.strictObject({
  receiverId: identifier,
  untilMs: z.number(),
  /** Hash of the public key that it was used for first; it holds for no other. */
  usedFor: z.string().optional(),
});

/**
 * One-time tokens for enrolment, a file each under the token's SHA-256: the operator's tool makes them in one process, the EST server
 * uses them up in another, and neither writes what the other does. A token itself is kept nowhere.
 */
export class TokenFolder {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(provinceFolder: string, clock: Clock) {
    this.#folder = join(provinceFolder, 'tokens');
    this.#clock = clock;
  }

  /** A token for one receiver. @throws LoaError `E_USAGE` where 10,000 have not expired yet */
  async make(receiverId: string, forMs: number): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if ((await this.#prune()) >= TOKENS_LIMIT) throw new LoaError('E_USAGE', 'too many tokens are open');
    const token = randomBytes(18).toString('base64url');
    await this.#write(nameOf(token), { receiverId, untilMs: this.#clock.nowMs() + forMs });
    return token;
  }

  /**
   * May this token make a certificate of that key for that receiver? It is that key's from then on: a receiver whose power was cut
   * after the answer may ask again with the same key, and nobody with another one.
   */
  async use(receiverId: string, token: string, publicKeyDer: Uint8Array): Promise<boolean> {
    const name = nameOf(token);
    const found = await this.#read(name);
    if (found?.receiverId !== receiverId || found.untilMs < this.#clock.nowMs()) return false;
    const key = hashOf(publicKeyDer);
    if (found.usedFor !== undefined) return found.usedFor === key;
    await this.#write(name, { ...found, usedFor: key });
    return true;
  }

  /** Drops what has expired; how many are left. */
  async #prune(): Promise<number> {
    let left = 0;
    for (const name of await readdir(this.#folder)) {
      const found = await this.#read(name);
      if (found !== undefined && found.untilMs >= this.#clock.nowMs()) left += 1;
      else await rm(join(this.#folder, name), { force: true });
    }
    return left;
  }

  async #read(name: string): Promise<z.infer<typeof kept> | undefined> {
    const text = await readIfPresent(join(this.#folder, name));
    return text === undefined ? undefined : kept.parse(JSON.parse(text));
  }

  #write(name: string, token: z.infer<typeof kept>): Promise<void> {
    return writeAtomic(join(this.#folder, name), `${JSON.stringify(token)}\n`, 0o600);
  }
}

function nameOf(token: string): string {
  return `${hashOf(token)}.json`;
}

function hashOf(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
