import { printable } from '../../protocols/printable.js';
import type { Language } from '../core/errors.js';
import { reasonText } from './reason-text.js';
import type { DayRow, DayView } from './programme-view.js';
import type { Text } from './texts.js';

const HOUR_MS = 3_600_000;
const COUNTRY_MS = 7 * HOUR_MS;
/** The strip has three columns an hour: twenty minutes each. */
const CELLS = 72;
const CELL_MS = (24 * HOUR_MS) / CELLS;
const TITLE_COLUMNS = 34;

const STATES: Readonly<Record<DayRow['state'], Text>> = {
  coming: { vi: 'sẽ phát', en: 'to come' },
  now: { vi: 'đang phát', en: 'now' },
  done: { vi: 'đã phát', en: 'done' },
  past: { vi: 'đã qua', en: 'past' },
  rest: { vi: 'nghỉ', en: 'rests' },
  hours: { vi: 'ngoài giờ', en: 'not permitted' },
};

/** HH:MM in the country's time. */
export function clockText(ms: number): string {
  return new Date(ms + COUNTRY_MS).toISOString().slice(11, 16);
}

/** YYYY-MM-DD HH:MM in the country's time. */
export function momentText(ms: number): string {
  return new Date(ms + COUNTRY_MS).toISOString().slice(0, 16).replace('T', ' ');
}

/** The day as a table and a strip, at most 80 columns a line. */
export function dayText(view: DayView, language: Language): string {
  const vi = language === 'vi';
  const beganMs = Date.parse(`${view.day}T00:00:00Z`) - COUNTRY_MS;
  const lines = [`${vi ? 'Lịch phát ngày' : 'Programme of'} ${view.day} (UTC+7)`];
  if (view.rows.length === 0) lines.push(vi ? 'Không có mục nào trong lịch.' : 'Nothing is scheduled.');
  for (const row of view.rows) {
    const times = `${clockText(row.startMs)}–${clockText(row.endMs)}`;
    const title = fitted(printable(row.title, 80), TITLE_COLUMNS);
    const why = row.reason === undefined ? '' : `: ${printable(reasonText(row.reason, language), 80)}`;
    lines.push(
      fitted(
        `${times}  ${title}  ${fitted(row.authority, 14)}  ${STATES[row.state][language]}${why}`,
        80,
      ).trimEnd(),
    );
  }
  const strip = Array.from({ length: CELLS }, (_, i) => cellOf(view, beganMs + i * CELL_MS)).join('');
  const hours = Array.from({ length: 24 }, (_, i) => String(i).padStart(2, '0').padEnd(3)).join('');
  lines.push('', `    ${hours.trimEnd()}`, `    ${strip}`);
  lines.push(
    vi
      ? '    # phát  r nghỉ  x ngoài giờ cho phép  . được phép  (trống: không được phép)'
      : '    # on air  r rests  x not permitted  . permitted  (blank: not permitted)',
  );
  return lines.join('\n');
}

function cellOf({ rows, hours }: DayView, fromMs: number): string {
  const here = rows.filter(({ startMs, endMs }) => startMs < fromMs + CELL_MS && fromMs < endMs);
  if (here.some(({ state }) => state !== 'rest' && state !== 'hours')) return '#';
  if (here.some(({ state }) => state === 'hours')) return 'x';
  if (here.length > 0) return 'r';
  const time = clockText(fromMs);
  return [...hours.normal, ...hours.priority].some(({ from, to }) => from <= time && time < to) ? '.' : ' ';
}

function fitted(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns
    ? text.padEnd(columns)
    : `${characters.slice(0, columns - 1).join('')}…`;
}
