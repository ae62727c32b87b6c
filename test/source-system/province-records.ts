import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { identifier, messageId, slot, target } from '../../protocols/messages/common.js';
import { assignmentPlace } from '../../protocols/messages/assignment.js';
import { emergency } from '../../protocols/messages/emergency.js';

/** The newest plays that are remembered, for `stop` to find their target. */
const PLAYS_LIMIT = 200;

const receiverRecord = z.strictObject({
  home: identifier,
  groups: z.array(identifier),
  epoch: z.int(),
  revision: z.int(),
  place: assignmentPlace.optional(),
});
const retainedRecord = z.strictObject({ topic: z.string(), payload: z.string(), revision: z.int() });
const documentRecord = z.strictObject({
  topic: z.string(),
  payload: z.string(),
  authority: identifier,
  slot,
  revision: z.int(),
  emergencies: z.array(emergency),
});
const playRecord = z.strictObject({ playId: messageId, authority: identifier, title: z.string(), target });
const records = z.strictObject({
  receivers: z.record(identifier, receiverRecord),
  assignments: z.record(identifier, z.strictObject({ topic: z.string(), payload: z.string() })),
  desired: z.record(identifier, retainedRecord.extend({ epoch: z.int() })).default({}),
  schedules: z.record(z.string(), retainedRecord.extend({ authority: identifier, slot })).default({}),
  emergencySets: z.record(z.string(), documentRecord),
  plays: z.array(playRecord),
});

const NOTHING = { receivers: {}, assignments: {}, emergencySets: {}, plays: [] };

/** What the province has said and must remember: revisions, epochs, retained documents, the newest plays. */
export type ProvinceRecords = z.infer<typeof records>;
/** Where a receiver stands, and how often that has been said. */
export type ReceiverRecord = z.infer<typeof receiverRecord>;
/** A play that was started. */
export type PlayRecord = z.infer<typeof playRecord>;

/**
 * The records in a folder. Read before and written after each change, so that the running source system and the
 * operator's tool in another process number their documents from the same book. (Two changes at the very same moment
 * are not kept apart: one operator, one tool.)
 */
export class RecordBook {
  readonly #path: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#path = join(folder, 'records.json');
  }

  /** What stands in the book now; empty where there is none yet. @throws LoaError `E_STORE_OPEN` */
  async read(): Promise<ProvinceRecords> {
    try {
      const text = await readIfPresent(this.#path);
      if (text === undefined) return records.parse(NOTHING);
      return records.parse(JSON.parse(text));
    } catch (cause) {
      throw new LoaError('E_STORE_OPEN', `cannot read ${this.#path}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Changes the book; changes of one process take turns. What `change` returns is handed on. */
  async change<T>(change: (records: ProvinceRecords) => T | Promise<T>): Promise<T> {
    const work = this.#turn.then(async () => {
      const now = await this.read();
      const result = await change(now);
      now.plays = now.plays.slice(-PLAYS_LIMIT);
      await writeAtomic(this.#path, `${JSON.stringify(now, undefined, 1)}\n`);
      return result;
    });
    // The next in turn must not fail for this one's failure, which goes to whoever asked.
    this.#turn = work.catch(() => undefined);
    return work;
  }
}
