import type { Language } from '../../agent/core/errors.js';
import type { BaselineRow } from '../baseline.js';
import { escaped, tableOf } from './markup.js';
import { evidenceCounts, standingOf } from './matrix-standing.js';
import type { RecordParts } from './record-page.js';
import type { RecordRow } from './record-rows.js';
import { word } from './record-words.js';
import type { Requirement } from './requirement.js';
import { vietnamese } from './vietnamese.js';

const STATES = {
  shown: 'baseShown',
  partly: 'basePartly',
  'not yet': 'baseNotYet',
  'not applicable': 'baseNot',
} as const;
const KINDS = {
  shown: 'holds',
  partly: 'notrun',
  fallsShort: 'short',
  unproved: 'notrun',
  standsUnread: 'unmeasured',
  standsNot: 'notrun',
} as const;

/** The requirements of the Ministry and the province, each as addressed, not applicable or unread. Pure. */
export function matrixTable({ rows, requirements }: RecordParts, language: Language): string {
  return tableOf({
    widths: [7, 36, 13, 16, 28],
    heads: (['item', 'requirement', 'known', 'standing', 'evidence'] as const).map((name) =>
      word(name, language),
    ),
    rows: requirements.map((requirement) => {
      const standing = standingOf(requirement, rows);
      return {
        id: `matrix ${requirement.id}`,
        kind: KINDS[standing],
        cells: [
          requirement.id,
          escaped(requirement.asks[language]),
          escaped(word(requirement.known, language)),
          `<span class="verdict">${escaped(word(standing, language))}</span>`,
          grounds(requirement, rows, language),
        ],
      };
    }),
  });
}

function grounds(requirement: Requirement, rows: readonly RecordRow[], language: Language): string {
  const named = evidenceCounts(requirement, rows).map(({ of, counts }) => {
    const all = counts.holds + counts.short + counts.unmeasured + counts['not run'];
    const short = counts.short === 0 ? '' : `, ${counts.short} ${word('short', language).toLowerCase()}`;
    return `${of.area}${of.item === undefined ? '' : ` ${of.item}`}: ${counts.holds}/${all} ${word('holds', language).toLowerCase()}${short}`;
  });
  const evidence = escaped(named.join('; '));
  if (requirement.kind === 'not applicable') return escaped(requirement.because[language]);
  if (requirement.kind === 'addressed')
    return `${evidence}${requirement.note === undefined ? '' : `<div class="note">${escaped(requirement.note[language])}</div>`}`;
  const practice =
    named.length === 0 ? '' : `<div class="note">${escaped(word('practice', language))}: ${evidence}</div>`;
  return `<b>${escaped(word('mustRead', language))}:</b> ${escaped(requirement.mustRead[language])}${practice}`;
}

/** The device baseline, row by row. Pure. */
export function baselineTable(baseline: readonly BaselineRow[], language: Language): string {
  const said = (text: string): string =>
    escaped(language === 'en' ? text : (vietnamese(text) ?? `${text} ${word('noVietnamese', 'vi')}`));
  return tableOf({
    widths: [7, 32, 11, 23, 27],
    heads: (['provision', 'asks', 'standing', 'by', 'missing'] as const).map((name) => word(name, language)),
    rows: baseline.map(({ provision, asks, state, shownBy, missing }) => ({
      id: `baseline ${provision}`,
      cells: [
        provision,
        said(asks),
        escaped(word(STATES[state], language)),
        escaped(shownBy.join(', ')),
        said(missing),
      ],
    })),
  });
}
