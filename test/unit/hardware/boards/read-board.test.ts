import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { checkBoard, findBoard, readBoard } from '../../../../hardware/boards/read-board.js';
import { leavingSteps, lineWishes } from '../../../../hardware/lines/board-lines.js';
import { repositoryRoot } from '../../../heard/repository-root.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const FOLDER = join(repositoryRoot(import.meta.url), 'hardware/boards');
const LEAST = { format: 1, name: 'least', description: { vi: 'ít nhất', en: 'least' } };
const line = (chip: string, number: number): object => ({ chip, line: number });

t.test('every board that comes with the program is valid and found by its name', async (t) => {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  t.ok(files.length >= 4);
  for (const file of files)
    t.equal((await readBoard(file.replace('.json', ''))).name, file.replace('.json', ''));
});

t.test('a board with nothing on it is a board: null drivers', async (t) => {
  const board = checkBoard(LEAST, 'x');
  t.same(lineWishes(board), []);
  t.same(leavingSteps(board), []);
});

t.test('a key that is unknown, out of range or missing its other half is named', async (t) => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...LEAST, amplifer: {} }, /amplifer/],
    [{ ...LEAST, amplifier: { times: { settleMs: -1 } } }, /amplifier\.times\.settleMs/],
    [{ ...LEAST, amplifier: { unmute: { chip: 'gpiochip0' } } }, /amplifier\.unmute\.line/],
    [
      { ...LEAST, sensors: { supply: { device: 'adc', lowV: 11, criticalV: 10 } } },
      /sensors\.supply: needs either/,
    ],
    [
      { ...LEAST, amplifier: { foldback: { fromC: 80, offC: 70, onC: 60 } } },
      /amplifier\.foldback: fromC and onC must be below offC/,
    ],
    [{ ...LEAST, format: 2 }, /format/],
  ];
  for (const [given, says] of wrong)
    t.throws(() => checkBoard(given, 'f.json'), { code: 'E_BOARD', message: says }, String(says));
});

t.test('one line may not be two things', async (t) => {
  const amplifier = { supply: line('gpiochip0', 5), line: line('gpiochip0', 5) };
  t.throws(() => checkBoard({ ...LEAST, amplifier }, 'f.json'), { code: 'E_BOARD', message: /same line/ });
});

t.test('it is left muted first, then with its line open, then without supply', async (t) => {
  const amplifier = { supply: line('a', 1), line: line('a', 2), unmute: line('a', 3), times: { muteMs: 70 } };
  t.same(leavingSteps(checkBoard({ ...LEAST, amplifier }, 'x')), [
    { inactive: 'unmute' },
    { waitMs: 70 },
    { inactive: 'line' },
    { waitMs: 70 },
    { inactive: 'supply' },
  ]);
});

t.test('a file that is spoilt gives way to the board that it last was, and is told of', async (t) => {
  const folder = await temporaryFolder(t);
  const [path, kept] = [join(folder, 'mine.json'), join(folder, 'board.json')];
  t.match(await findBoard(path, kept), { trouble: { code: 'E_BOARD' } });
  await writeFile(path, JSON.stringify(LEAST));
  t.match(await findBoard(path, kept), { found: { name: 'least' } });
  await writeFile(path, '{"format": 1,');
  t.match(await findBoard(path, kept), {
    found: { name: 'least' },
    trouble: { code: 'E_BOARD', message: /mine\.json/ },
  });
  t.same(await findBoard('', kept), {}, 'none is named: none is in use');
  t.match(JSON.parse(await readFile(kept, 'utf8')), { name: 'least' });
});
