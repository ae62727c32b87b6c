import type { Language } from '../../agent/core/errors.js';
import type { Area } from '../claims/claim.js';
import { escaped, tableOf } from './markup.js';
import type { RecordParts } from './record-page.js';
import { endingOf, runGroupsOf, type RecordRow, type RunGroup } from './record-rows.js';
import { commitText, momentOf, runLetter } from './record-text.js';
import { word, type WORDS } from './record-words.js';
import { vietnamese } from './vietnamese.js';

const KINDS = { holds: 'holds', short: 'short', unmeasured: 'unmeasured', 'not run': 'notrun' } as const;
const REASONS = { long: 'long', never: 'never', bound: 'boundChanged' } as const;

/** The claims of an area: sentence, bound, figure, result, and where the figure is from. Pure. */
export function claimTable(area: Area, parts: RecordParts, language: Language): string {
  const groups = runGroupsOf(parts.rows);
  return tableOf({
    widths: [11, 35, 37, 17],
    heads: (['item', 'claim', 'measured', 'result'] as const).map((name) => word(name, language)),
    rows: parts.rows
      .filter((row) => row.area === area)
      .map((row) => ({
        id: `claim ${row.id}`,
        kind: KINDS[endingOf(row)],
        cells: [
          escaped(row.id),
          `${said(row.claim, language)}<div class="bound"><i>${escaped(word('bound', language))}:</i> ${said(row.bound, language)}</div>`,
          figureOf(row, language),
          resultOf(row, groups, parts.commit, language),
        ],
      })),
  });
}

/** A text of a claim in the language; where nobody has written the Vietnamese, the English, and that it is. */
function said(text: string, language: Language): string {
  if (language === 'en') return escaped(text);
  const found = vietnamese(text);
  return escaped(found ?? `${text} ${word('noVietnamese', 'vi')}`);
}

function figureOf({ result, notRun }: RecordRow, language: Language): string {
  if (result === undefined) return escaped(word(REASONS[notRun ?? 'never'], language));
  const note = result.note === undefined ? '' : `<div class="note">(${escaped(result.note)})</div>`;
  return `${escaped(result.measured)}${note}`;
}

function resultOf(row: RecordRow, groups: readonly RunGroup[], commit: string, language: Language): string {
  const ending: keyof typeof WORDS = endingOf(row);
  const verdict = `<span class="verdict">${escaped(word(ending, language))}</span>`;
  const { result } = row;
  if (result === undefined) return verdict;
  const at = groups.findIndex(
    (group) =>
      group.commit === result.commit &&
      group.node === result.node &&
      JSON.stringify(group.machine) === JSON.stringify(result.machine),
  );
  const other = result.commit === commit ? '' : '≠ ';
  const meta = `${runLetter(at)}, ${momentOf(Date.parse(result.date), language)}, ${other}${commitText(result.commit)}`;
  return `${verdict}<div class="meta">${escaped(meta)}</div>${earlierOf(result.earlier, language)}`;
}

/** Runs before this one, counted: a claim that holds now and then shows it. */
function earlierOf(earlier: NonNullable<RecordRow['result']>['earlier'], language: Language): string {
  if (earlier.length === 0) return '';
  const count = (holds: boolean | null): number => earlier.filter((one) => one.holds === holds).length;
  const parts = (
    [
      ['holds', count(true)],
      ['short', count(false)],
      ['unmeasured', count(null)],
    ] as const
  )
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${word(name, language).toLowerCase()}`);
  return `<div class="earlier">${escaped(`${word('earlier', language)}: ${parts.join(', ')}`)}</div>`;
}
