import { randomUUID } from 'node:crypto';
import { entriesOf, type Store } from '../core/store.js';

/** What is known of a command's id. */
export type Known = 'new' | 'answered' | 'unanswered';

const PREFIX = 'journal/';
/** Outside of the prefix: it is no entry, and is never pruned. */
const ID_KEY = 'journal-id';
/** An id is kept this long beyond its command's end, for clocks that differ. */
const GRACE_MS = 10 * 60_000;

interface Entry {
  readonly untilMs: number;
  readonly answered: boolean;
  readonly boot: string;
}

/**
 * Which commands have been taken up: each id until its command has expired, on disk before anything is done about it.
 * One that was taken up by an earlier run of the program and never answered counts as new: nothing of it can be on air.
 */
export class Journal {
  readonly #store: Store;
  readonly #boot: string;

  readonly #sinceMs: () => number;

  /**
   * @param boot id of this run of the program
   * @param sinceMs tells since when it knows of all, wall time in milliseconds; for ever by default. Asked anew each time: the clock may be put right
   */
  constructor(store: Store, boot: string, sinceMs: () => number = () => -Infinity) {
    this.#store = store;
    this.#boot = boot;
    this.#sinceMs = sinceMs;
  }

  /** The id of the journal in a store; made where there is none. @throws LoaError `E_STORE_WRITE` */
  static async idIn(store: Store): Promise<string> {
    const found = await store.get(ID_KEY);
    if (found !== undefined) return new TextDecoder().decode(found).slice(0, 64);
    const id = randomUUID();
    await store.write([{ put: ID_KEY, value: new TextEncoder().encode(id) }]);
    return id;
  }

  /**
   * Makes it another journal: the store may have lost entries, so that nobody may take it for one that knows of all.
   * @throws LoaError `E_STORE_WRITE`
   */
  static async renew(store: Store): Promise<void> {
    await store.write([{ del: ID_KEY }]);
    await Journal.idIn(store);
  }

  /** Would it know of a command issued at this instant, had it been taken? */
  covers(issuedMs: number): boolean {
    return issuedMs >= this.#sinceMs();
  }

  /** Takes a command's id up; resolves when that is on disk. @throws LoaError `E_STORE_WRITE` */
  async take(id: string, expiresMs: number): Promise<Known> {
    const known = await this.#read(id);
    if (known !== undefined && (known.answered || known.boot === this.#boot)) {
      return known.answered ? 'answered' : 'unanswered';
    }
    await this.#write(id, { untilMs: expiresMs + GRACE_MS, answered: false, boot: this.#boot });
    return 'new';
  }

  /** The command has its terminal answer. @throws LoaError `E_STORE_WRITE` */
  async answered(id: string): Promise<void> {
    const known = await this.#read(id);
    if (known !== undefined) await this.#write(id, { ...known, answered: true });
  }

  /** Forgets what has expired. @throws LoaError `E_STORE_WRITE` */
  async prune(nowMs: number): Promise<void> {
    for await (const { key, value } of entriesOf(this.#store, PREFIX)) {
      const entry = parse(value);
      if (entry === undefined || entry.untilMs < nowMs) await this.#store.write([{ del: key }]);
    }
  }

  async #read(id: string): Promise<Entry | undefined> {
    const value = await this.#store.get(PREFIX + id);
    return value === undefined ? undefined : parse(value);
  }

  async #write(id: string, entry: Entry): Promise<void> {
    await this.#store.write([{ put: PREFIX + id, value: new TextEncoder().encode(JSON.stringify(entry)) }]);
  }
}

function parse(value: Uint8Array): Entry | undefined {
  try {
    const entry = JSON.parse(new TextDecoder().decode(value)) as Partial<Entry>;
    const { untilMs, answered, boot } = entry;
    if (typeof untilMs !== 'number' || typeof answered !== 'boolean' || typeof boot !== 'string')
      return undefined;
    return { untilMs, answered, boot };
  } catch {
    // A torn entry says that the id was known: the store's batches make this impossible short of a failing disk.
    return undefined;
  }
}
