import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { BAD_INPUTS, badInput, withoutInputTools, type BadInputRow } from '../faults/bad-input.js';

const folder = await mkdtemp(join(tmpdir(), 'loa-bad-input-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
t.setTimeout(280_000);
const options = { skip: withoutInputTools(), timeout: 280_000 };
let run: Promise<readonly BadInputRow[]> | undefined;
/** One run for all tests. */
const rows = (): Promise<readonly BadInputRow[]> => (run ??= badInput({ folder }));

for (const { input, expected } of BAD_INPUTS) {
  t.test(`${input} is named ${expected}, and nothing is lost by it`, options, async (t) => {
    const row = (await rows()).find((one) => one.input === input);
    t.match(row, { expected, named: true, lived: true, unbroken: true, commandDone: true });
    t.match(row?.lost, { missing: 0, chainBreaks: 0 });
    t.ok((row?.lost.heard ?? 0) > 5, 'there was something to lose');
  });
}
