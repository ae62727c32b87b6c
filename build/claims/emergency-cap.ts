import { judgeCapTable, shortfallOf } from '../../test/rig/cap-table.js';
import type { Claim } from './claim.js';
import { keep } from './sound-run.js';

const DOCUMENTS = 60;
/** A hostile document may cost no more than this, milliseconds. */
const LONGEST_MS = 1_000;

/** Item 3 of area emergency. */
export const capClaims: readonly Claim[] = [
  {
    area: 'emergency',
    item: 3,
    claim:
      'A receiver decides on CAP 1.2 documents of many shapes, those of the standard’s examples and hostile ones among them, as a table says',
    bound: `at least ${DOCUMENTS} documents, every decision as in the table, none longer than ${LONGEST_MS} ms`,
    async measure(context) {
      const seen = await judgeCapTable();
      const wrong = seen.flatMap((one) => {
        const why = shortfallOf(one);
        return why === '' ? [] : [`${one.row.file}: ${why}`];
      });
      await keep(context, 'cap', seen);
      const slowest = Math.max(...seen.map(({ tookMs }) => tookMs));
      const heard = seen.filter(({ decision }) => decision.startsWith('heard')).length;
      const refused = seen.filter(({ decision }) => decision.startsWith('E_')).length;
      return {
        measured:
          `${seen.length} documents: ${heard} heard, ${refused} refused, ${seen.length - heard - refused} silent; ` +
          `${seen.length - wrong.length} as the table says${wrong.length === 0 ? '' : ` (${wrong.slice(0, 3).join('; ')})`}; ` +
          `slowest ${slowest.toFixed(1)} ms`,
        holds: seen.length >= DOCUMENTS && wrong.length === 0 && slowest <= LONGEST_MS,
        note: 'at the desk of emergencies that the receiver runs; which of these sounds come out of a card is item 1’s',
      };
    },
  },
];
