import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verdictCounts } from '../../agent/technician/accept/acceptance-record.js';
import { acceptOnSite, wronglyJudged } from '../../test/faults/accept-on-site.js';
import { machineHere } from '../record/machine-here.js';
import { makeRecord, RECORD_LANGUAGES, type MadeRecord } from '../record/make-record.js';
import { plainText } from '../record/markup.js';
import {
  cutTables,
  dotsOf,
  drawnText,
  missingCells,
  outside,
  overlaps,
  pagesOf,
  rowIdsOf,
} from '../record/pdf-check.js';
import { partsOfKept } from '../record/record-of-kept.js';
import type { RecordParts } from '../record/record-page.js';
import { spoiltMatrices, spoiltRows } from '../record/record-trials.js';
import { matrixFaults } from '../record/requirement.js';
import { vietnamese } from '../record/vietnamese.js';
import type { Claim, Measured, ProveContext } from './claim.js';

/** A record of what is kept now, and one whose cells are as hostile as a run could make them. */
async function record(
  context: ProveContext,
  name: 'kept' | 'hostile',
): Promise<{ readonly parts: RecordParts; readonly made: MadeRecord }> {
  return context.once(`record-${name}`, async () => {
    // Not at the top: this file is one of the areas.
    const { CLAIMS } = await import('./areas.js');
    const folder = join(context.out, `record-${name}`);
    await rm(folder, { recursive: true, force: true });
    const run = { commit: 'as kept', machine: machineHere() };
    const kept = await partsOfKept(CLAIMS, context.out, run);
    const parts = name === 'kept' ? kept : { ...kept, rows: spoiltRows(kept.rows) };
    return { parts, made: await makeRecord(parts, folder) };
  });
}

async function rowsStand(context: ProveContext): Promise<Measured> {
  const { parts, made } = await record(context, 'kept');
  const pages = await Promise.all(made.pages.map((page) => readFile(page, 'utf8')));
  const ids = pages.map(rowIdsOf);
  const faults: string[] = [];
  if (JSON.stringify(ids[0]) !== JSON.stringify(ids[1])) faults.push('the languages differ in their rows');
  for (const row of parts.rows) {
    if (ids.some((of) => of.filter((id) => id === `claim ${row.id}`).length !== 1))
      faults.push(`${row.id}: not one row`);
    const { result } = row;
    if (result === undefined ? row.notRun === undefined : !isWhole(result))
      faults.push(`${row.id}: no figure and no reason`);
    if (vietnamese(row.claim) === undefined || vietnamese(row.bound) === undefined)
      faults.push(`${row.id}: no Vietnamese`);
  }
  const run = parts.rows.filter(({ result }) => result !== undefined).length;
  return {
    measured: `${parts.rows.length} claims, ${run} with a figure and ${parts.rows.length - run} with a reason; ${ids.map((of) => of.length).join(' and ')} rows in the two pages; ${faults.length} faults${faults
      .slice(0, 3)
      .map((fault) => `; ${fault}`)
      .join('')}`,
    holds: faults.length === 0 && parts.rows.length > 0 && pages.length === RECORD_LANGUAGES.length,
    note: 'a record made now of what prove-out/results holds; the figures themselves are checked by nobody here',
  };
}

function isWhole(result: NonNullable<RecordParts['rows'][number]['result']>): boolean {
  const { measured, holds, date, commit, machine } = result;
  const figure = holds === null ? measured.length > 0 : measured.trim().length > 0;
  return figure && !Number.isNaN(Date.parse(date)) && commit !== '' && machine.model !== '';
}

const LEAST_PAGES = 5;

async function nothingCut(context: ProveContext): Promise<Measured> {
  const found: string[] = [];
  const counts: string[] = [];
  let least = Infinity;
  for (const name of ['kept', 'hostile'] as const) {
    const { made } = await record(context, name);
    if (made.pdfs.length < RECORD_LANGUAGES.length)
      return { measured: made.troubles.join('; '), holds: null, note: 'the PDF was not made' };
    for (const [index, pdf] of made.pdfs.entries()) {
      const html = await readFile(made.pages[index] ?? '', 'utf8');
      const pages = await pagesOf(pdf);
      const words = pages.reduce((sum, page) => sum + page.words.length, 0);
      least = Math.min(least, pages.length);
      counts.push(`${pages.length} pages, ${words} words`);
      const drawn = await drawnText(pdf);
      found.push(...outside(pages), ...overlaps(pages), ...missingCells(html, drawn));
      found.push(...cutTables(await dotsOf(pdf)));
      if (headless(html, drawn, pages.length)) found.push(`${pdf}: a table goes on without its head`);
    }
  }
  return {
    measured: `${counts.join('; ')}: ${found.length} faults${found
      .slice(0, 4)
      .map((one) => `; ${one}`)
      .join('')}`,
    holds: found.length === 0 && least >= LEAST_PAGES,
    note: 'Vietnamese and English; the record of what is kept, and one in which every figure is long and without a space; by poppler (pdftotext -bbox, -raw; pdftoppm for the edges of tables)',
  };
}

/** A table over many pages repeats its head on each: the longest one must be drawn more often than it stands in the page. */
function headless(html: string, drawn: string, pages: number): boolean {
  const heads = [...html.matchAll(/<thead>(.*?)<\/thead>/g)].map(([, head = '']) =>
    plainText(head).replace(/\s/g, ''),
  );
  const longest = heads.find((head) => heads.filter((one) => one === head).length > 1) ?? '';
  const count = drawn.replace(/\s/g, '').split(longest).length - 1;
  return longest === '' || (pages > LEAST_PAGES && count <= heads.filter((one) => one === longest).length);
}

async function matrixIsHonest(context: ProveContext): Promise<Measured> {
  const { parts } = await record(context, 'kept');
  const claims = parts.rows;
  const faults = matrixFaults(parts.requirements, claims);
  const spoilt = spoiltMatrices(parts.requirements);
  const missed = spoilt.filter(({ rows }) => matrixFaults(rows, claims).length === 0);
  const of = (kind: string): number => parts.requirements.filter((row) => row.kind === kind).length;
  return {
    measured: `${parts.requirements.length} rows: ${of('addressed')} addressed, ${of('unread')} unread, ${of('not applicable')} not applicable; ${faults.length} faults${faults.map((fault) => `; ${fault}`).join('')}; ${spoilt.length - missed.length} of ${spoilt.length} planted faults found${missed.map(({ name }) => `; missed: ${name}`).join('')}`,
    holds: faults.length === 0 && missed.length === 0,
    note: 'what is known of a clause is the project’s own word; that it was read well is for a person to judge',
  };
}

async function onSite(context: ProveContext): Promise<Measured> {
  const folder = join(context.out, 'accept-on-site');
  await rm(folder, { recursive: true, force: true });
  const found = await acceptOnSite(folder);
  const wrong = wronglyJudged(found);
  const altered = Object.entries(found.altered);
  const taken = altered.filter(([, code]) => code === undefined);
  const { passed, failed, notTried } = verdictCounts(found.scripted.record);
  return {
    measured:
      `${passed} passed, ${failed} failed, ${notTried} not tried of ${found.scripted.record.items.length} items; ` +
      `verified: exit code ${found.verified ?? 'none'}; ${taken.length} of ${altered.length} altered records accepted; ` +
      `province told: ${found.told ? 'of both records' : 'no'}; ${wrong.length} items judged wrongly${wrong.map((one) => `; ${one}`).join('')}`,
    holds:
      wrong.length === 0 &&
      found.verified === 0 &&
      altered.length === 4 &&
      taken.length === 0 &&
      found.told &&
      found.keySafe,
    note: 'the real program and province, the null sink, mains as a file of a simulated kernel; a person, a loudspeaker and a real board were not there',
  };
}

function claim(text: string, bound: string, measure: Claim['measure']): Claim {
  return { area: 'update', item: 5, claim: text, bound, measure };
}

/** Item 5 of area update: the acceptance record. */
export const acceptanceClaims: readonly Claim[] = [
  claim(
    'The acceptance record has a row for every claim of every area, none without its figure or the reason why there is none, the same rows in both languages',
    'as many rows as claims; figure, date, commit and machine in each that was run; a reason in each other; every sentence in Vietnamese',
    rowsStand,
  ),
  claim(
    'No table and no text of the acceptance record is cut at the edge of a page or runs over another, also where its cells are hostile',
    `${LEAST_PAGES} pages at least; every word within the margins; 0 words over others; every cell of the page is in the PDF; every page of a table has its head`,
    nothingCut,
  ),
  claim(
    'The compliance matrix claims nothing of a clause that nobody has read, and names the clause that has to be read',
    'C1 to C12 complete; every unread row names what to read; every addressed row was read and names claims that exist; rows with a fault planted are found',
    matrixIsHonest,
  ),
  claim(
    'loa accept on a running receiver leaves a signed record that the key of its certificate confirms, says “not tried” of what was not tried, and an altered one is refused',
    'verified with the device’s certificate; every item there; no item passed that was not tried; 0 of 4 altered records accepted; the province told',
    onSite,
  ),
];
