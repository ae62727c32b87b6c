import type { Facts } from '../../agent/technician/diagnose/facts.js';
import type { PoleFault } from './pole-fault.js';

type Running = Extract<NonNullable<Facts['program']>, { kind: 'running' }>;

/** The answers of a receiver that is well, changed. */
function answering(well: Facts, change: (of: Running) => Partial<Running>): Partial<Facts> {
  if (well.program?.kind !== 'running') throw new Error('the receiver does not answer');
  return { program: { ...well.program, ...change(well.program) } };
}

/** What takes an hour to come about, or a person: the fact is set, and judged by the same chain. */
export const TOLD_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'the beat is missing', part: 'told', code: 'E_BEAT_MISSING', remedy: /beats/ },
    facts: (well) =>
      answering(well, ({ why }) =>
        why?.path === undefined
          ? {}
          : { why: { ...why, path: { ...why.path, beatMissing: true, beatAgeMs: 3_000_000 } } },
      ),
  },
  {
    ...{ name: 'nobody hears the tone', part: 'told', code: 'E_TONE_UNHEARD', remedy: /amplifier/ },
    facts: () => ({ tone: 'unheard' }),
  },
];
