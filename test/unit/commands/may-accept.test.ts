import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { acceptanceTable, AXES, mayAccept } from '../../../agent/commands/may-accept.js';
import { repositoryRoot } from '../../heard/repository-root.js';

const C = 'E_CLOCK_UNKNOWN';
const J = 'E_JOURNAL_LOST';
const S = 'E_TRUST_STALE';

/** Cell by cell, by hand: rows in the order of AXES (clock, then journal, then trust); columns play.start, stop, renew, retire, update, then the
 * documents, which are taken in all of them. */
const EXPECTED: readonly (readonly (string | undefined)[])[] = [
  // trusted
  [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined],
  [S, undefined, undefined, S, undefined, undefined, undefined, undefined, undefined],
  [J, undefined, undefined, J, undefined, undefined, undefined, undefined, undefined],
  [J, undefined, undefined, J, undefined, undefined, undefined, undefined, undefined],
  // unconfirmed
  [undefined, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [S, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [J, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [J, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  // ahead
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  // behind
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
  [C, undefined, undefined, C, undefined, undefined, undefined, undefined, undefined],
];

const rows = AXES.clock.flatMap((clock) =>
  AXES.journal.flatMap((journal) => AXES.trust.map((trust) => ({ clock, journal, trust }))),
);

t.equal(rows.length, EXPECTED.length);
rows.forEach((circumstances, row) => {
  const { clock, journal, trust } = circumstances;
  AXES.kind.forEach((kind, column) => {
    const code = EXPECTED[row]?.[column];
    const verdict = code === undefined ? 'taken' : `refused with ${code}`;
    t.test(`${kind} with clock ${clock}, journal ${journal}, trust ${trust} is ${verdict}`, (t) => {
      const outcome = mayAccept(kind, circumstances);
      t.equal(outcome.ok ? undefined : outcome.refusal.code, code);
      t.end();
    });
  });
});

t.test('the table in the README is the one that the code uses', (t) => {
  const path = join(repositoryRoot(import.meta.url), 'agent', 'commands', 'README.md');
  const squeezed = (text: string): string =>
    text
      .replaceAll(/ +/g, ' ')
      .replaceAll(/-{3,}/g, '---')
      .replaceAll('| --- ', '|---')
      .replaceAll('|--- |', '|---|');
  const readme = squeezed(readFileSync(path, 'utf8'));
  for (const line of squeezed(acceptanceTable())
    .split('\n')
    .filter((one) => !one.startsWith('|---')))
    t.ok(readme.includes(line), line);
  t.end();
});
