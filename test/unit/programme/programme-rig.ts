import { Programme } from '../../../agent/programme/programme.js';
import type { SoundingMemory } from '../../../agent/programme/emergency-plan.js';
import type { PlayOutcome, PlaySpec, PlayTally } from '../../../agent/sound/messages.js';
import type { Emergency, EmergencySet } from '../../../protocols/messages/emergency.js';
import type { PlayStart, PlayStop } from '../../../protocols/messages/play.js';
import type { EventBody, Receipt } from '../../../protocols/messages/up.js';
import { emergencySetWith, nowMs, playStartWith, playStopWith } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, uuidOf } from '../../fixtures/trust/signers.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';

const signer = await newSigner();
/** The province: level 30, everything for an hour. */
export const province = authorityWith(signer);
/** The receiver's commune. */
export const commune = authorityWith(signer, { id: 'xa-001', homeArea: 'xa-001', level: 10 });
/** The commune next to it. */
export const neighbour = authorityWith(signer, { id: 'xa-002', homeArea: 'xa-002', level: 10 });

/** A programme, and everything it tells. */
export interface Rig {
  readonly programme: Programme;
  readonly clock: ManualClock;
  readonly opened: PlaySpec[];
  readonly closed: string[];
  readonly order: () => readonly string[];
  readonly receipts: Receipt['body'][];
  readonly events: EventBody[];
  readonly memories: SoundingMemory[];
  /** The engine says that a play has ended. */
  readonly end: (playId: string, parts?: Partial<PlayTally>) => void;
}

/** A programme on an engine that does nothing by itself; what is closed ends at once unless `lazy`. */
export function rigOf(options: { memory?: SoundingMemory; lazy?: boolean } = {}): Rig {
  const clock = new ManualClock({ nowMs });
  const opened: PlaySpec[] = [];
  const closed: string[] = [];
  const receipts: Receipt['body'][] = [];
  const events: EventBody[] = [];
  const memories: SoundingMemory[] = [];
  let order: readonly string[] = [];
  let ids = 0;
  const end = (playId: string, parts: Partial<PlayTally> = {}): void =>
    programme.onSound({ kind: 'ended', tally: { ...tallyOf(playId), ...parts } });
  const programme: Programme = new Programme({
    engine: {
      open: (spec) => opened.push(spec),
      order: (playIds) => {
        order = playIds;
      },
      close: (playId: string, outcome: PlayOutcome) => {
        closed.push(`${playId} ${outcome}`);
        if (options.lazy !== true) queueMicrotask(() => end(playId, { outcome }));
      },
    },
    clock,
    log: new KeptLog(),
    newId: () => uuidOf(`own ${(ids += 1)}`),
    memory: options.memory ?? {},
    listener: {
      onReceipt: (body) => receipts.push(body),
      onEvent: (body) => events.push(body),
      onSounded: (memory) => memories.push(memory),
    },
  });
  return { programme, clock, opened, closed, order: () => order, receipts, events, memories, end };
}

function tallyOf(playId: string): PlayTally {
  return {
    playId,
    outcome: 'completed',
    failure: undefined,
    framesHeard: 0,
    spans: [],
    peakDb: undefined,
    rmsDbBySecond: [],
    underruns: 0,
    reconnects: 0,
    pcmSha256: undefined,
    evidence: 'none',
  };
}

/** A play.start of the play with this label. */
export const start = (
  label: string,
  body: Partial<PlayStart['body']> = {},
  parts: Partial<PlayStart> = {},
): PlayStart =>
  playStartWith({ id: uuidOf(`command ${label}`), ...parts }, { playId: uuidOf(label), ...body });
/** A play.stop of the play with this label. */
export const stop = (label: string): PlayStop => playStopWith({ body: { playId: uuidOf(label) } });
/** An emergency with an id of this label. */
export const emergency = (label: string, parts: Partial<Emergency> = {}): Emergency => ({
  ...(emergencySetWith().body.emergencies[0] as Emergency),
  id: uuidOf(label),
  ...parts,
});
/** A set of emergencies. */
export const setOf = (...emergencies: Emergency[]): EmergencySet =>
  emergencySetWith({ body: { emergencies } });
/** What runs in the background has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
