import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BASELINE } from '../../../build/baseline.js';
import { CLAIMS } from '../../../build/claims/areas.js';
import type { Proved } from '../../../build/claims/claim.js';
import { keepResult, readResults, type RunFacts } from '../../../build/record/kept-results.js';
import { plainText } from '../../../build/record/markup.js';
import { standingOf } from '../../../build/record/matrix-standing.js';
import {
  cutTables,
  missingCells,
  outside,
  overlaps,
  rowIdsOf,
  type PdfPage,
} from '../../../build/record/pdf-check.js';
import { findChromium, printPdf } from '../../../build/record/print-pdf.js';
import { recordPage, type RecordParts } from '../../../build/record/record-page.js';
import {
  countEndings,
  endingOf,
  rowsOf,
  runGroupsOf,
  type RecordRow,
} from '../../../build/record/record-rows.js';
import { commitText, momentOf, runLetter } from '../../../build/record/record-text.js';
import { spoiltMatrices, spoiltRows } from '../../../build/record/record-trials.js';
import { AREA_WORDS, WORDS } from '../../../build/record/record-words.js';
import { matrixFaults } from '../../../build/record/requirement.js';
import { REQUIREMENTS } from '../../../build/record/requirements.js';
import { DICTIONARY, templateOf, vietnamese } from '../../../build/record/vietnamese.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RUN: RunFacts = {
  ...{ runBegan: '2026-11-24T01:00:00.000Z', commit: 'a'.repeat(40), node: 'v20.19.0' },
  machine: { platform: 'linux 6 x64', processors: 2, model: 'Test', memoryMb: 1_000 },
};
const all = Object.values(CLAIMS).flat();
const first = CLAIMS.main[1];
if (first === undefined) throw new Error('area main has no second claim');

function proved(over: Partial<Proved> = {}): Proved {
  const { area, item, claim, bound } = first as NonNullable<typeof first>;
  return { area, item, claim, bound, measured: '12.5 ms', holds: true, ...over };
}

function partsOf(rows: RecordParts['rows']): RecordParts {
  return {
    ...{ rows, requirements: REQUIREMENTS, baseline: BASELINE, charts: [], version: '0.1.0' },
    ...{ commit: RUN.commit, machine: RUN.machine, madeMs: Date.parse('2026-11-24T02:00:00Z') },
  };
}

t.test('rows of an area stand in the order of their items, and no id stands twice', (t) => {
  const rows = rowsOf(CLAIMS, []);
  t.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before?.area === row.area) t.ok(before.item <= row.item, `${before.id} before ${row.id}`);
  }
  t.end();
});

t.test('every claim, every bound and every row of the baseline has its Vietnamese', async (t) => {
  const texts = [
    ...all.flatMap(({ claim, bound }) => [claim, bound]),
    ...BASELINE.flatMap(({ asks, missing }) => [asks, missing]),
  ];
  for (const text of texts) {
    const found = vietnamese(text);
    t.ok(
      found !== undefined && !/\{|\?/.test(found.replace('?', '')),
      `no Vietnamese of: ${templateOf(text)}`,
    );
  }
  for (const [english, found] of Object.entries(DICTIONARY)) {
    t.not(english, found);
    const numbers = english.split('#').length - 1;
    for (const [, at] of found.matchAll(/\{=?(\d+)\}/g))
      t.ok(Number(at) >= 1 && Number(at) <= numbers, found);
  }
});

t.test('the numbers of a Vietnamese text are those of the claim, in the way of the country', async (t) => {
  const words = { 'within # ms, # of #': 'trong {1} ms, {2} trên {=3}' };
  t.equal(vietnamese('within 0.25 ms, 10,000 of 5.13', words), 'trong 0,25 ms, 10.000 trên 5.13');
  t.equal(vietnamese('unknown', words), undefined);
  t.equal(vietnamese('', words), '');
});

t.test('a result is kept with its run; the next one remembers how the ones before it ended', async (t) => {
  const folder = join(await temporaryFolder(t), 'results');
  await keepResult(
    folder,
    proved({ holds: false, measured: '99 ms' }),
    RUN,
    new Date('2026-11-24T01:01:00Z'),
  );
  await keepResult(folder, proved(), RUN, new Date('2026-11-24T01:02:00Z'));
  await writeFile(join(folder, 'strange.json'), '{');
  const kept = await readResults(folder);
  t.equal(kept.length, 1);
  t.match(kept[0], { holds: true, measured: '12.5 ms', commit: RUN.commit, earlier: [{ holds: false }] });
  const [row] = rowsOf(CLAIMS, kept).filter(({ result }) => result !== undefined);
  t.equal(row?.claim, first.claim);
  t.same(await readResults(join(folder, 'none')), []);
});

t.test('a figure against another bound is no figure: the claim is not run, and says why', async (t) => {
  const folder = join(await temporaryFolder(t), 'results');
  await keepResult(folder, proved({ bound: 'within 1 hour' }), RUN, new Date());
  const rows = rowsOf(CLAIMS, await readResults(folder));
  const row = rows.find(({ claim }) => claim === first.claim);
  t.same([row?.notRun, row?.result], ['bound', undefined]);
  t.equal(countEndings(rows)['not run'], rows.length);
  await keepResult(folder, proved(), RUN, new Date());
  const [kept] = await readResults(folder);
  t.same(kept?.earlier, [], 'the other bound is not among the runs before');
});

t.test(
  'each run of another commit or machine is a group of its own, and a row of it is marked',
  async (t) => {
    const rows = spoiltRows(rowsOf(CLAIMS, []));
    t.equal(runGroupsOf(rows).length, 1);
    const page = recordPage(partsOf(rows), 'en');
    t.match(plainText(page), '≠ ffffffffff with changes');
    t.match(plainText(page), WORDS.howMixed.en);
    t.match(plainText(recordPage(partsOf(rowsOf(CLAIMS, [])), 'en')), WORDS.howNone.en);
    t.same([0, 25, 26].map(runLetter), ['A', 'Z', 'AA']);
    t.equal(commitText(`${'ab'.repeat(20)} with changes`), 'ababababab with changes');
    t.equal(momentOf(Date.parse('2026-11-23T18:30:00Z'), 'vi'), '24/11/2026 01:30');
  },
);

t.test(
  'the page has the same rows in both languages: each claim, requirement and area of the baseline once',
  async (t) => {
    const rows = rowsOf(CLAIMS, []);
    const [vi, en] = (['vi', 'en'] as const).map((language) => rowIdsOf(recordPage(partsOf(rows), language)));
    t.same(vi, en);
    t.equal(new Set(vi).size, vi?.length);
    for (const { id } of rows) t.ok(vi?.includes(`claim ${id}`), id);
    for (const { id } of REQUIREMENTS) t.ok(vi?.includes(`matrix ${id}`), id);
    for (const { provision } of BASELINE) t.ok(vi?.includes(`baseline ${provision}`), provision);
  },
);

t.test('what a measurement wrote cannot change the page', async (t) => {
  const page = recordPage(partsOf(spoiltRows(rowsOf(CLAIMS, []))), 'vi');
  t.notMatch(page, '<script');
  t.match(page, '&lt;script&gt;');
});

t.test('the matrix claims nothing that is not known, and each planted fault in it is found', async (t) => {
  t.same(matrixFaults(REQUIREMENTS, all), []);
  const spoilt = spoiltMatrices(REQUIREMENTS);
  t.ok(spoilt.length >= 12);
  for (const { name, rows } of spoilt) t.ok(matrixFaults(rows, all).length > 0, name);
});

t.test('a requirement stands by its claims; what is unread stays so whatever was measured', async (t) => {
  const none = rowsOf(CLAIMS, []);
  const held = spoiltRows(none).map((row): RecordRow => ({
    ...row,
    result: row.result === undefined ? undefined : { ...row.result, holds: true },
  }));
  const short = held.map((row, at): RecordRow => ({
    ...row,
    result: at === 0 && row.result !== undefined ? { ...row.result, holds: false } : row.result,
  }));
  for (const row of REQUIREMENTS) {
    const kinds = [none, held, held.slice(0, 1).concat(none.slice(1)), short].map((rows) =>
      standingOf(row, rows),
    );
    if (row.kind === 'unread') t.same(new Set(kinds), new Set(['standsUnread']), row.id);
    else if (row.kind === 'not applicable') t.same(new Set(kinds), new Set(['standsNot']), row.id);
    else t.same(kinds.slice(0, 2), ['unproved', 'shown'], row.id);
  }
  const main = REQUIREMENTS.find(({ id }) => id === 'C1');
  t.equal(main && standingOf(main, short), 'fallsShort');
  t.equal(main && standingOf(main, held.slice(0, 1).concat(none.slice(1))), 'partly');
  t.equal(endingOf(none[0] as NonNullable<(typeof none)[0]>), 'not run');
});

t.test('a word beyond the margin, one over another, and a cell that is not whole are found', async (t) => {
  const word = (text: string, x: number, y: number) => ({
    text,
    xMin: x,
    yMin: y,
    xMax: x + 40,
    yMax: y + 10,
  });
  const page = (words: PdfPage['words']): PdfPage[] => [{ width: 595, height: 842, words }];
  t.same(outside(page([word('in', 100, 100)])), []);
  t.same(outside(page([word('left', 10, 100), word('right', 540, 100), word('top', 99, 5)])), [
    ...['page 1: left', 'page 1: right', 'page 1: top'],
  ]);
  t.same(overlaps(page([word('a', 100, 100), word('b', 141, 100), word('c', 100, 112)])), []);
  t.same(overlaps(page([word('a', 100, 100), word('b', 110, 103)])), ['page 1: a over b']);
  const html = '<table><tr data-row="claim x"><td>Cụm loa số 1</td><td>9 &lt; 10</td></tr></table>';
  t.same(missingCells(html, 'Cụm\nloa số 1 9 < 10'), []);
  t.same(missingCells(html, 'Cụm loa số 9 < 10'), ['claim x: Cụm loa số 1']);
});

t.test('a table that has lost its right edge is found', async (t) => {
  const dotted = (columns: readonly number[]) => {
    const page = { width: 595, height: 842, dots: new Uint8Array(595 * 842).fill(255) };
    for (const x of columns) for (let y = 100; y < 300; y += 1) page.dots[y * 595 + x] = 90;
    return [page];
  };
  t.same(cutTables(dotted([41, 553])), []);
  t.same(cutTables(dotted([])), [], 'a page of text alone');
  t.same(cutTables(dotted([41, 300])), ['page 1: no rule at the right']);
});

t.test('without Chromium there is the page alone, and it is said', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'empty'));
  t.equal(await findChromium(join(folder, 'empty')), undefined);
  t.match(await printPdf(join(folder, 'x.html'), join(folder, 'x.pdf'), undefined), /no Chromium/);
});

t.test('every word of the record is there in both languages', async (t) => {
  const words = [...Object.entries(WORDS), ...Object.entries(AREA_WORDS)];
  for (const [name, { vi, en }] of words)
    t.ok(vi.trim() !== '' && vi !== en && (en.trim() !== '' || name === 'noVietnamese'), name);
  t.notMatch(await readFile('build/record/requirements.ts', 'utf8'), /work\/shared/);
});
