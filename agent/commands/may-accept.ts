import type { SignedDocument } from '../../protocols/messages/catalogue.js';
import { accepted, refused, type ErrorCode, type Outcome } from '../core/errors.js';
import type { ClockState } from './clock-trust.js';

/** Messages by what they can do harm with. */
export type MessageKind = 'play.start' | 'play.stop' | 'renew' | 'retire' | 'update' | SignedDocument['type'];
/** Does the journal reach back to when the message was issued? `lost`: it may have been taken before. */
export type JournalState = 'covers' | 'lost';
/** `stale`: no signed beat for longer than the setting allows. */
export type Freshness = 'fresh' | 'stale';

/** What a receiver knows of itself when a message comes. */
export interface Circumstances {
  readonly clock: ClockState;
  readonly journal: JournalState;
  readonly trust: Freshness;
}

type Refusals = { readonly [A in keyof Circumstances]?: Partial<Record<Circumstances[A], ErrorCode>> };

/**
 * What refuses each kind of message, first the clock, then the journal, then freshness; what is not named does not. The
 * table in README.md is printed from here. Silence and safety first: a stop, an emergency or an assignment is never refused for
 * what the receiver has forgotten; the sound of a play is.
 */
const REFUSALS: Readonly<Record<MessageKind, Refusals>> = {
  'play.start': {
    clock: { behind: 'E_CLOCK_UNKNOWN', ahead: 'E_CLOCK_UNKNOWN' },
    journal: { lost: 'E_JOURNAL_LOST' },
    trust: { stale: 'E_TRUST_STALE' },
  },
  'play.stop': {},
  // Once too often costs a certificate, no sound.
  renew: {},
  // The newest word of the province counts, whatever comes again; what is installed is signed by other keys.
  update: {},
  'emergency.set': {},
  schedule: {},
  assignment: {},
  desired: {},
  retire: {
    clock: { behind: 'E_CLOCK_UNKNOWN', ahead: 'E_CLOCK_UNKNOWN', unconfirmed: 'E_CLOCK_UNKNOWN' },
    journal: { lost: 'E_JOURNAL_LOST' },
    trust: { stale: 'E_TRUST_STALE' },
  },
};

/** May a message of this kind be taken in these circumstances? Pure; who signed it is judged elsewhere (authorise). */
export function mayAccept(kind: MessageKind, circumstances: Circumstances): Outcome<undefined> {
  const rules = REFUSALS[kind];
  const { clock, journal, trust } = circumstances;
  const code = rules.clock?.[clock] ?? rules.journal?.[journal] ?? rules.trust?.[trust];
  if (code === undefined) return accepted(undefined);
  return refused(code, `${kind}: clock ${clock}, journal ${journal}, trust ${trust}`);
}

/** Every kind and every state, for the table and for its test. */
export const AXES = {
  kind: [
    'play.start',
    'play.stop',
    'renew',
    'retire',
    'update',
    'emergency.set',
    'schedule',
    'assignment',
    'desired',
  ],
  clock: ['trusted', 'unconfirmed', 'ahead', 'behind'],
  journal: ['covers', 'lost'],
  trust: ['fresh', 'stale'],
} as const satisfies {
  kind: readonly MessageKind[];
  clock: readonly ClockState[];
  journal: readonly JournalState[];
  trust: readonly Freshness[];
};

/** The table of README.md: a row for each kind, a column for each circumstance. */
export function acceptanceTable(): string {
  const columns = AXES.clock.flatMap((clock) =>
    AXES.journal.flatMap((journal) => AXES.trust.map((trust) => ({ clock, journal, trust }))),
  );
  const cell = (kind: MessageKind, at: Circumstances): string => {
    const outcome = mayAccept(kind, at);
    return outcome.ok ? 'yes' : `\`${outcome.refusal.code}\``;
  };
  const rows = columns.map(
    (at) =>
      `| ${at.clock} | ${at.journal} | ${at.trust} | ${AXES.kind.map((kind) => cell(kind, at)).join(' | ')} |`,
  );
  const head = `| clock | journal | trust | ${AXES.kind.map((kind) => `\`${kind}\``).join(' | ')} |`;
  return [head, `|${'---|'.repeat(3 + AXES.kind.length)}`, ...rows].join('\n');
}
