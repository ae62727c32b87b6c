import type { Language } from '../../agent/core/errors.js';
import type { BaselineRow } from '../baseline.js';
import { AREAS } from '../claims/claim.js';
import { claimTable } from './claim-table.js';
import { baselineTable, matrixTable } from './compliance-tables.js';
import type { Machine } from './kept-results.js';
import { escaped, tableOf } from './markup.js';
import { summaryChart } from './record-charts.js';
import { commitText, machineText, momentOf, runLetter } from './record-text.js';
import { countEndings, runGroupsOf, type RecordRow } from './record-rows.js';
import { recordStyle } from './record-style.js';
import { AREA_WORDS, word, type WORDS } from './record-words.js';
import type { Requirement } from './requirement.js';

/** A chart that says more than its figures, and the run that it is of. */
export interface RecordChart {
  readonly caption: keyof typeof WORDS;
  /** The row whose measurement left it. */
  readonly row: RecordRow;
  /** An SVG element, or an image. */
  readonly draw: (language: Language) => string;
}

/** What a record is made of. */
export interface RecordParts {
  readonly rows: readonly RecordRow[];
  readonly requirements: readonly Requirement[];
  readonly baseline: readonly BaselineRow[];
  readonly charts: readonly RecordChart[];
  readonly version: string;
  readonly commit: string;
  readonly machine: Machine;
  /** When it is made. */
  readonly madeMs: number;
}

/** The record in one language, a page that needs nothing else. Pure. */
export function recordPage(parts: RecordParts, language: Language): string {
  const w = (name: keyof typeof WORDS): string => escaped(word(name, language));
  const foot = `Loa ${parts.version} · ${commitText(parts.commit)} · ${momentOf(parts.madeMs, language)}`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${w('title')}: Loa ${escaped(parts.version)}</title>
<style>${recordStyle(foot)}</style></head><body>
<p class="state"><b>${w('state')}</b><br><span class="motto">${w('motto')}</span></p>
<h1>${w('title')}</h1>
<p class="subject">${w('subject')}</p><p class="number">${w('number')}</p>
${headTable(parts, language)}
${howToRead(parts, language)}
<h2>${w('summary')}</h2>
${summaryTable(parts.rows, language)}
<h3>${w('runs')}</h3>
${runsTable(parts, language)}
<h2>${w('charts')}</h2>
<figure><figcaption>${w('chartSummary')}</figcaption>${summaryChart(parts.rows, language)}</figure>
${parts.charts.map((chart) => figureOf(chart, parts, language)).join('\n')}
<h2>${w('claims')}</h2>
${areasOf(parts.rows)
  .map(
    (area) =>
      `<h3>${escaped(AREA_WORDS[area][language])} (${area})</h3>\n${claimTable(area, parts, language)}`,
  )
  .join('\n')}
<h2>${w('matrix')}</h2><p>${w('marks')}</p>
${matrixTable(parts, language)}
<h2>${w('baseline')}</h2><p>${w('baseNote')}</p>
${baselineTable(parts.baseline, language)}
<div class="end"><h2>${w('conclusion')}</h2><p>${w('decision')}</p><p>${w('reservations')}</p><div class="line"></div><div class="line"></div>
<p style="margin-top:3mm">${w('enclosed')}</p><div class="line"></div>
<div class="signs">${(['signA', 'signB', 'signC'] as const).map((sign) => `<div><b>${w(sign)}</b><br>${w('sign')}</div>`).join('')}</div></div>
</body></html>
`;
}

function headTable(parts: RecordParts, language: Language): string {
  const row = (name: keyof typeof WORDS, value: string): string =>
    `<tr data-row="head ${name}"><td>${escaped(word(name, language))}</td><td>${escaped(value)}</td></tr>`;
  const blank = '………………………………………………………………………';
  return `<table class="head"><tbody>${[
    row('made', `${momentOf(parts.madeMs, language)} (${word('zone', language)})`),
    row('version', `Loa ${parts.version}`),
    row('commit', parts.commit),
    row('madeOn', machineText(parts.machine, language)),
    ...(['place', 'serial', 'partyA', 'partyB', 'partyC'] as const).map((name) => row(name, blank)),
  ].join('')}</tbody></table>`;
}

function howToRead({ rows, commit }: RecordParts, language: Language): string {
  const groups = runGroupsOf(rows);
  const mixed = groups.length > 1 || groups.some((group) => group.commit !== commit);
  const onBoard = groups.some(({ machine }) => / arm/.test(machine.platform));
  const lines = [
    word('howFigures', language),
    word(groups.length === 0 ? 'howNone' : mixed ? 'howMixed' : 'howOne', language),
    ...(onBoard ? [] : [word('howBoard', language)]),
    word('howConform', language),
  ];
  return `<h3>${escaped(word('howRead', language))}</h3>${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}`;
}

function areasOf(rows: readonly RecordRow[]): RecordRow['area'][] {
  return AREAS.filter((area) => rows.some((row) => row.area === area));
}

function summaryTable(rows: readonly RecordRow[], language: Language): string {
  const line = (id: string, name: string, some: readonly RecordRow[]) => {
    const counts = countEndings(some);
    const figures = [counts.holds, counts.short, counts.unmeasured, counts['not run'], some.length];
    return { id: `sum ${id}`, cells: [escaped(name), ...figures.map(String)] };
  };
  return tableOf({
    widths: [40, 12, 12, 12, 12, 12],
    heads: (['area', 'holds', 'short', 'unmeasured', 'not run', 'all'] as const).map((name) =>
      word(name, language),
    ),
    rows: [
      ...areasOf(rows).map((area) =>
        line(
          area,
          AREA_WORDS[area][language],
          rows.filter((row) => row.area === area),
        ),
      ),
      line('all', word('all', language), rows),
    ],
  });
}

function runsTable({ rows, commit }: RecordParts, language: Language): string {
  return tableOf({
    widths: [7, 25, 35, 9, 12, 12],
    heads: (['run', 'commit', 'machine', 'figures', 'from', 'to'] as const).map((name) =>
      word(name, language),
    ),
    rows: runGroupsOf(rows).map((group, index) => ({
      id: `run ${index + 1}`,
      cells: [
        runLetter(index),
        escaped(`${group.commit === commit ? '' : '≠ '}${group.commit}`),
        escaped(`${machineText(group.machine, language)}; Node ${group.node}`),
        String(group.claims),
        escaped(momentOf(Date.parse(group.from), language)),
        escaped(momentOf(Date.parse(group.to), language)),
      ],
    })),
  });
}

function figureOf({ caption, row, draw }: RecordChart, { rows }: RecordParts, language: Language): string {
  const { result } = row;
  if (result === undefined) return '';
  const groups = runGroupsOf(rows);
  const at = groups.findIndex(
    (group) =>
      group.commit === result.commit &&
      JSON.stringify(group.machine) === JSON.stringify(result.machine) &&
      group.node === result.node,
  );
  const of = `${row.id}; ${word('chartRun', language)} ${runLetter(at)}, ${momentOf(Date.parse(result.date), language)}`;
  return `<figure><figcaption>${escaped(`${word(caption, language)} (${of})`)}</figcaption>${draw(language)}</figure>`;
}
