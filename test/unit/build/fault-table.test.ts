import { readFile } from 'node:fs/promises';
import t from 'tap';
import { faultTable } from '../../../build/fault-table.js';
import { explain } from '../../../agent/core/errors.js';
import { POLE_FAULTS } from '../../faults/pole-faults.js';

t.test('the table of faults is the one that is put in', async (t) => {
  const printed = faultTable(POLE_FAULTS);
  t.equal(
    await readFile('agent/technician/FAULTS.md', 'utf8'),
    printed,
    'print it again: node dist/build/print-faults.js > agent/technician/FAULTS.md',
  );
  t.equal(printed.split('\n').filter((line) => line.startsWith('| ')).length, POLE_FAULTS.length + 1);
});

t.test('each fault stands there once, and its remedy says what is looked for', async (t) => {
  const names = POLE_FAULTS.map(({ name }) => name);
  t.same([...new Set(names)], names);
  for (const { name, code, remedy } of POLE_FAULTS) t.match(explain(code, 'en').remedy, remedy, name);
});
