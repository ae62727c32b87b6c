import { readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import type { GpioLine } from '../../hardware/boards/board.js';
import { GpioLines } from '../../hardware/lines/gpio-lines.js';
import type { LinesRequest } from '../../hardware/lines/lines.js';
import { buildGpioKernel } from '../fixtures/gpio-kernel/build.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const library = await buildGpioKernel(await temporaryFolder(t));
const skip = library === undefined ? 'missing tool: gcc' : false;

/** A chip by the kernel's own header, and the lines that the product holds of it. */
async function benchOf(
  t: Teardown,
  request: (at: (line: number | string, low?: boolean) => GpioLine) => LinesRequest,
) {
  const folder = await temporaryFolder(t);
  const file = (name: string): string => join(folder, name);
  writeFileSync(file('gpiochip0'), '');
  const heard: string[] = [];
  const at = (line: number | string, activeLow = false): GpioLine => ({
    ...{ chip: file('gpiochip0'), line, activeLow, bias: 'as-is', debounceMs: 5 },
  });
  const open = (): GpioLines =>
    new GpioLines(
      request(at),
      systemClock,
      {
        onInput: (name, active) => heard.push(`${name} ${active}`),
        onTrouble: (trouble) =>
          heard.push(trouble === undefined ? 'well' : `trouble ${trouble.detail.trim()}`),
      },
      { environment: { ...process.env, LD_PRELOAD: library } },
    );
  /** Physical levels that the outputs were given, in their order. */
  const levels = (): string[] =>
    readFileSync(file('lines.log'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ').slice(0, 2).join('='));
  const says = (what: string): Promise<true> =>
    waitUntil(what, () => heard.includes(what), { deadlineMs: 10_000 });
  return { file, heard, open, levels, says };
}

t.test(
  'outputs are taken inactive, set, and left inactive in the order of the leaving steps',
  { skip },
  async (t) => {
    const bench = await benchOf(t, (at) => ({
      wishes: [
        { name: 'unmute', direction: 'out', at: at('PIN1', true) },
        { name: 'supply', direction: 'out', at: at(2) },
      ],
      leaving: [{ inactive: 'unmute' }, { waitMs: 20 }, { inactive: 'supply' }],
    }));
    const lines = bench.open();
    await bench.says('well');
    lines.set('supply', true);
    lines.set('unmute', true);
    await lines.close();
    t.same(bench.levels(), ['1=1', '2=0', '2=1', '1=0', '1=1', '2=0']);
  },
);

t.test('when the receiver is killed the lines are left as the leaving steps say', { skip }, async (t) => {
  const bench = await benchOf(t, (at) => ({
    wishes: [{ name: 'unmute', direction: 'out', at: at(1) }],
    leaving: [{ inactive: 'unmute' }],
  }));
  const lines = bench.open();
  await bench.says('well');
  lines.set('unmute', true);
  await waitUntil('it is unmuted', () => bench.levels().includes('1=1'));
  // What a killed process does to its pipes, and nothing else.
  void lines.close();
  await waitUntil('it is muted', () => bench.levels().at(-1) === '1=0');
  t.pass();
});

t.test(
  'an input is told at the start and at each change, by edges or, without interrupts, by looking',
  { skip },
  async (t) => {
    for (const edges of [true, false]) {
      const bench = await benchOf(t, (at) => ({
        wishes: [{ name: 'door', direction: 'in', at: at(5, true) }],
        leaving: [],
      }));
      if (!edges) writeFileSync(bench.file('no-edges'), '');
      const lines = bench.open();
      await bench.says('door true');
      writeFileSync(bench.file('in-5'), '1');
      if (edges) writeFileSync(bench.file('ev-5'), 'x');
      await bench.says('door false');
      await lines.close();
      t.same(bench.heard, ['door true', 'well', 'door false']);
    }
  },
);

t.test('a line that is not there is told by name, and the others are held', { skip }, async (t) => {
  const bench = await benchOf(t, (at) => ({
    wishes: [
      { name: 'line', direction: 'out', at: at(99) },
      { name: 'unmute', direction: 'out', at: at(1) },
    ],
    leaving: [],
  }));
  const lines = bench.open();
  lines.set('unmute', true);
  await bench.says('trouble line: Invalid argument');
  await lines.close();
  t.same(bench.levels(), ['1=0', '1=1']);
});

t.test('a line that cannot be set is told of, and so is that it can be set again', { skip }, async (t) => {
  const bench = await benchOf(t, (at) => ({
    wishes: [{ name: 'line', direction: 'out', at: at(3) }],
    leaving: [],
  }));
  const lines = bench.open();
  await bench.says('well');
  writeFileSync(bench.file('refuse'), '');
  lines.set('line', true);
  await bench.says('trouble line: Input/output error');
  rmSync(bench.file('refuse'));
  lines.set('line', true);
  await waitUntil('it is well', () => bench.heard.at(-1) === 'well');
  await lines.close();
  t.same(bench.levels(), ['3=0', '3=1']);
});
