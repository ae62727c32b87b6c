import type { Language } from '../../agent/core/errors.js';
import { escaped } from './markup.js';
import { AREA_WORDS, word } from './record-words.js';
import { countEndings, type Ending, type RecordRow } from './record-rows.js';

const COLOURS: Readonly<Record<Ending, string>> = {
  holds: '#2e8b57',
  short: '#c0392b',
  unmeasured: '#e0a100',
  'not run': '#c9ced6',
};
const ENDINGS: readonly Ending[] = ['holds', 'short', 'unmeasured', 'not run'];
const FONT = 'font-family="Liberation Sans, DejaVu Sans, sans-serif"';

/** Claims of each area by their ending, as bars. Pure. */
export function summaryChart(rows: readonly RecordRow[], language: Language): string {
  const areas = [...new Set(rows.map(({ area }) => area))];
  const most = Math.max(1, ...areas.map((area) => rows.filter((row) => row.area === area).length));
  const bars = areas.map((area, index) => {
    const counts = countEndings(rows.filter((row) => row.area === area));
    const y = 34 + index * 22;
    let x = 250;
    const pieces = ENDINGS.filter((ending) => counts[ending] > 0).map((ending) => {
      const width = (counts[ending] / most) * 430;
      const piece =
        `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="15" fill="${COLOURS[ending]}"/>` +
        `<text x="${(x + width / 2).toFixed(1)}" y="${y + 11.5}" font-size="9.5" text-anchor="middle" fill="${ending === 'holds' || ending === 'short' ? '#fff' : '#111'}">${counts[ending]}</text>`;
      x += width;
      return piece;
    });
    return `<text x="242" y="${y + 12}" font-size="11" text-anchor="end">${escaped(AREA_WORDS[area][language])}</text>${pieces.join('')}`;
  });
  const legend = ENDINGS.map(
    (ending, index) =>
      `<rect x="${20 + index * 170}" y="8" width="11" height="11" fill="${COLOURS[ending]}"/><text x="${36 + index * 170}" y="18" font-size="10.5">${word(ending, language)}</text>`,
  );
  return `<svg viewBox="0 0 700 ${40 + areas.length * 22}" ${FONT} role="img">${legend.join('')}${bars.join('')}</svg>`;
}

/** Latencies in turn of their length, with the two bounds as lines. Pure. */
export function latencyChart(
  latenciesMs: readonly number[],
  bounds: { readonly medianMs: number; readonly p95Ms: number },
  language: Language,
): string {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const top = Math.max(bounds.p95Ms * 1.15, ...sorted.slice(-1));
  const x = (index: number): number => 50 + (index / Math.max(1, sorted.length - 1)) * 630;
  const y = (ms: number): number => 200 - (ms / top) * 180;
  const dots = sorted.map(
    (ms, index) =>
      `<circle cx="${x(index).toFixed(1)}" cy="${y(ms).toFixed(1)}" r="2" fill="${ms > bounds.p95Ms ? COLOURS.short : COLOURS.holds}"/>`,
  );
  const line = (ms: number, text: string): string =>
    `<line x1="50" x2="680" y1="${y(ms).toFixed(1)}" y2="${y(ms).toFixed(1)}" stroke="#333" stroke-dasharray="4 3"/><text x="56" y="${(y(ms) - 4).toFixed(1)}" font-size="10.5">${ms} ms: ${escaped(text)}</text>`;
  const at = (share: number): string =>
    `<text x="${x(share * (sorted.length - 1)).toFixed(1)}" y="216" font-size="10" text-anchor="middle">${Math.round(share * 100)} %</text>`;
  return (
    `<svg viewBox="0 0 700 222" ${FONT} role="img"><line x1="50" x2="680" y1="200" y2="200" stroke="#333"/><line x1="50" x2="50" y1="20" y2="200" stroke="#333"/>` +
    `<text x="44" y="204" font-size="10" text-anchor="end">0</text><text x="44" y="26" font-size="10" text-anchor="end">${Math.round(top)}</text>` +
    `${dots.join('')}${line(bounds.medianMs, word('boundMedian', language))}${line(bounds.p95Ms, word('boundP95', language))}${at(0)}${at(0.5)}${at(0.95)}</svg>`
  );
}
