import type { Beat } from '../../protocols/messages/beat.js';
import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';

/** A revision of a document; of the trust document, whose key is `trust`, the version. */
export interface Revision {
  readonly key: string;
  readonly epoch: number;
  readonly revision: number;
}

/** What is in force here: by key, and the version of the trust document. */
export interface InForceHere {
  trustVersion(): number;
  revisionOf(key: string): { readonly epoch: number; readonly revision: number } | undefined;
}

/** True where `one` is older than `other` or is not there at all. */
function isOlder(one: Omit<Revision, 'key'> | undefined, other: Omit<Revision, 'key'>): boolean {
  if (one === undefined) return true;
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.revision < other.revision);
}

/**
 * What a beat names that is newer than what is in force here. Pure. Only what is for this receiver: its own slot and its areas.
 * @param places `receiver/ID` and `area/ID` of each of its areas
 */
export function missingHere(beat: Beat, places: readonly string[], here: InForceHere): Revision[] {
  const missing: Revision[] = beat.documents.filter(({ key, ...revision }) => {
    const place = key.split('/').slice(1, 3).join('/');
    return places.includes(place) && isOlder(here.revisionOf(key), revision);
  });
  if (beat.trustVersion <= here.trustVersion()) return missing;
  return [...missing, { key: 'trust', epoch: 0, revision: beat.trustVersion }];
}

/** True where it has come meanwhile. Pure. */
export function hasCome({ key, ...wanted }: Revision, here: InForceHere): boolean {
  if (key === 'trust') return here.trustVersion() >= wanted.revision;
  return !isOlder(here.revisionOf(key), wanted);
}

/** A document may be on its way while the beat names it already, milliseconds. */
export const WITHHELD_AFTER_MS = 60_000;
const AWAITED_LIMIT = 64;

/** An alarm for what a beat named a minute ago and has still not come; cleared when it does. */
export class WithheldWatch {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #here: InForceHere;
  readonly #tell: (body: EventBody) => void;
  readonly #awaited = new Map<string, Revision>();
  readonly #withheld = new Set<string>();
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, 'after'>, here: InForceHere, tell: (body: EventBody) => void) {
    this.#clock = clock;
    this.#here = here;
    this.#tell = tell;
  }

  /** Takes a beat that was accepted. @param places see {@link missingHere} */
  take(beat: Beat, places: readonly string[]): void {
    for (const missing of missingHere(beat, places, this.#here)) {
      const room = this.#awaited.has(missing.key) || this.#awaited.size < AWAITED_LIMIT;
      if (room) this.#awaited.set(missing.key, missing);
    }
    this.look();
    if (this.#awaited.size > 0) this.#cancel ??= this.#clock.after(WITHHELD_AFTER_MS, () => this.#due());
  }

  /** Keys of what was named and has not come. */
  awaited(): readonly string[] {
    return [...this.#awaited.keys()];
  }

  /** Something has come into force: is anything still awaited? */
  look(): void {
    for (const awaited of this.#awaited.values()) {
      if (!hasCome(awaited, this.#here)) continue;
      this.#awaited.delete(awaited.key);
      if (this.#withheld.delete(awaited.key)) this.#say('cleared', awaited.key, 'it has come');
    }
  }

  /** Ends its timer. */
  close(): void {
    this.#cancel?.();
  }

  #due(): void {
    this.#cancel = undefined;
    this.look();
    for (const { key, revision } of this.#awaited.values()) {
      if (this.#withheld.has(key)) continue;
      this.#withheld.add(key);
      this.#say('alarm', key, `revision ${revision} has not come`);
    }
  }

  #say(kind: EventBody['kind'], document: string, detail: string): void {
    const fields = { document: document.slice(0, 200) };
    this.#tell({ kind, code: 'E_DOCUMENT_WITHHELD', detail, fields });
  }
}
