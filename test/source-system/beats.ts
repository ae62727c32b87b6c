import type { Clock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import { inBackground } from '../../agent/core/settled.js';
import type { Broker } from './broker.js';
import { AREAS } from './cast.js';
import type { Ears } from './ears.js';
import type { Province } from './province.js';

/** Between two beats of an area, milliseconds. */
export const BEAT_MS = 15 * 60_000;
/** Births answered at most for each receiver in a minute: an answer costs a signature. */
const ANSWERS_A_MINUTE = 30;

/** What beats stand on. */
export interface BeatsOptions {
  readonly province: Province;
  readonly broker: Broker;
  readonly ears: Ears;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds; 0 sends none at all. */
  readonly everyMs: number;
  /** After the areas have had theirs: the mirror gets new ones, too. */
  readonly onBeat: () => Promise<void>;
}

/** Signed time: to every area at once and then every so often, and to each receiver in answer to its birth. */
export function startBeats({ province, broker, ears, clock, log, everyMs, onBeat }: BeatsOptions): {
  close(): void;
} {
  if (everyMs === 0) return { close: () => undefined };
  let cancel: () => void = () => undefined;
  const answered = new Map<string, number[]>();
  const beatAll = async (): Promise<void> => {
    await province.refresh();
    for (const { id } of AREAS) await broker.publish(await province.beat({ area: id }));
    await onBeat();
  };
  const again = (): void => {
    inBackground(beatAll(), log, 'no beat');
    cancel = clock.after(everyMs, again);
  };
  const answer = async (receiver: string, nonce: string): Promise<void> => {
    await province.refresh();
    await broker.publish(await province.beat({ receiver }, nonce));
  };
  const stop = ears.onMessage((heard) => {
    if (heard.kind !== 'state' || !heard.message.body.online) return;
    const nowMs = clock.monotonicMs();
    const newest = (answered.get(heard.receiver) ?? []).filter((atMs) => nowMs - atMs < 60_000);
    if (newest.length >= ANSWERS_A_MINUTE) return;
    answered.set(heard.receiver, [...newest, nowMs]);
    inBackground(answer(heard.receiver, heard.message.body.nonce), log, 'a birth was not answered');
  });
  again();
  return {
    close() {
      stop();
      cancel();
    },
  };
}
