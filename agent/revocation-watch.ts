import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { REVOCATION_LIMIT_BYTES } from '../certs/revocation-list.js';
import type { Revocation } from '../certs/revocation.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Clock } from './core/clock.js';
import { LoaError, messageOf } from './core/errors.js';
import { inBackground } from './core/settled.js';
import type { Log } from './core/log.js';

const FETCH_LIMIT_MS = 20_000;
const AGAIN_MS = 6 * 3_600_000;
const AFTER_FAILURE_MS = 10 * 60_000;

/** What the watch stands on. */
export interface RevocationWatchParts {
  readonly revocation: Revocation;
  /** http or https: the list is signed, and no secret. */
  readonly url: string;
  readonly anchorsPem: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (body: EventBody) => void;
  /** A newer list is in force. */
  readonly onNew: () => void;
}

/** Fetches the broker's revocation list at the start and every six hours; after a failure in ten minutes. */
export class RevocationWatch {
  readonly #parts: RevocationWatchParts;
  #cancel: () => void = () => undefined;
  #failing = false;
  #closed = false;
  #looking: Promise<void> | undefined;

  constructor(parts: RevocationWatchParts) {
    this.#parts = parts;
  }

  /** Fetches now and goes on. */
  start(): void {
    this.#cancel();
    inBackground(this.look(), this.#parts.log, 'the revocation list was not looked at');
  }

  /** Looks now; one who asks while a look is under way waits for that one. Never rejects for what network or list are. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const { revocation, url, anchorsPem, clock, log, onNew } = this.#parts;
    try {
      const offered = await revocation.offer(await fetchBounded(url, anchorsPem()));
      if (offered === 'older') throw new LoaError('E_REVOCATION_LIST', 'older than the one in force');
      if (offered === 'new') {
        log.info({ revoked: revocation.inForce?.revoked ?? 0 }, 'new revocation list');
        onNew();
      }
      const overdue = (revocation.inForce?.nextUpdateMs ?? Infinity) < clock.nowMs();
      this.#alarm(overdue, 'its next update is overdue; it is still applied');
    } catch (error) {
      this.#alarm(true, messageOf(error));
    }
    if (this.#closed) return;
    this.#cancel();
    this.#cancel = clock.after(this.#failing ? AFTER_FAILURE_MS : AGAIN_MS, () => this.start());
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #alarm(on: boolean, detail: string): void {
    if (on === this.#failing) return;
    this.#failing = on;
    this.#parts.log.warn({ code: 'E_REVOCATION_LIST', on }, detail);
    const kind = on ? 'alarm' : 'cleared';
    this.#parts.tell({ kind, code: 'E_REVOCATION_LIST', detail: on ? detail.slice(0, 300) : 'fetched' });
  }
}

/** @throws LoaError `E_REVOCATION_LIST` */
function fetchBounded(url: string, anchorsPem: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      asking.destroy();
      reject(new LoaError('E_REVOCATION_LIST', `${url}: ${reason}`));
    };
    const get = url.startsWith('https:') ? getSecure : getPlain;
    const options = url.startsWith('https:') ? { ca: [...anchorsPem] } : {};
    const asking = get(url, options, (response) => {
      if (response.statusCode !== 200) {
        fail(`status ${response.statusCode ?? 0}`);
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > REVOCATION_LIMIT_BYTES) fail('too long');
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(messageOf(error)));
      response.on('end', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks));
      });
    });
    const timer = setTimeout(() => fail(`no answer within ${FETCH_LIMIT_MS / 1000} s`), FETCH_LIMIT_MS);
    asking.on('error', (error) => fail(messageOf(error)));
  });
}
