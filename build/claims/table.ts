import type { Proved } from './claim.js';

const GAP = '  ';

/** Columns of the table: heading and least width; what is left of the line goes to claim, bound and measured. */
interface Column {
  readonly heading: string;
  readonly width: number;
}

function columnsOf(width: number): Column[] {
  const item = 'programme 10'.length;
  const holds = 'holds'.length;
  const left = width - item - holds - 4 * GAP.length;
  const claim = Math.floor(left * 0.38);
  const bound = Math.floor(left * 0.27);
  return [
    { heading: 'item', width: item },
    { heading: 'claim', width: claim },
    { heading: 'bound', width: bound },
    { heading: 'measured', width: left - claim - bound },
    { heading: 'holds', width: holds },
  ];
}

/** Breaks a text into lines of at most `width` characters, at spaces where it can. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').flatMap((one) => pieces(one, width))) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  return word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [word];
}

/** `yes`, `NO` or `?` for a claim that could not be measured. */
export function holdsWord(holds: boolean | null): string {
  if (holds === null) return '?';
  return holds ? 'yes' : 'NO';
}

/**
 * The claims as a table for a terminal.
 * @param width characters of a line, at least 60
 */
export function table(claims: readonly Proved[], width = 80): string {
  const columns = columnsOf(width);
  const rule = columns.map((column) => '-'.repeat(column.width)).join(GAP);
  const rows = claims.map((one) => {
    const measured = one.note === undefined ? one.measured : `${one.measured}\n(${one.note})`;
    return [`${one.area} ${one.item}`, one.claim, one.bound, measured, holdsWord(one.holds)];
  });
  const heading = rowOf(
    columns.map((column) => column.heading),
    columns,
  );
  return [heading, rule, ...rows.flatMap((row) => [rowOf(row, columns), rule])].join('\n');
}

function rowOf(cells: readonly string[], columns: readonly Column[]): string {
  const wrapped = columns.map((column, index) => wrap(cells[index] ?? '', column.width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => (wrapped[index]?.[line] ?? '').padEnd(column.width))
      .join(GAP)
      .trimEnd(),
  ).join('\n');
}
