import type { Comparison } from './compare.js';

/** A small table for people, one line a compared segment, followed by its first failures. */
export function comparisonTable(rows: readonly (readonly [name: string, comparison: Comparison])[]): string {
  const head = ['segment', 'lag ms', 'spread ms', 'windows', 'loud', 'matched', 'in ramp', 'worst', 'holds'];
  const cells = rows.map(([name, c]) => [
    name,
    c.lagMs.toFixed(2),
    c.lagSpreadMs.toFixed(2),
    ...[c.windows, c.windowsLoud, c.windowsMatched, c.windowsInRamp].map(String),
    c.worst.toFixed(4),
    c.holds ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [line(head), ...cells.flatMap((row, i) => [line(row), ...failureLines(rows[i]?.[1])])].join('\n');
}

const FAILURES_SHOWN = 5;

function failureLines(comparison: Comparison | undefined): string[] {
  const failures = comparison?.failures ?? [];
  const shown = failures
    .slice(0, FAILURES_SHOWN)
    .map(
      ({ kind, atMs, correlation, levelDb, lagMs }) =>
        `    ${kind} at ${(atMs / 1000).toFixed(2)} s: correlation ${correlation.toFixed(4)}, ` +
        `${levelDb.toFixed(1)} dBFS, lag ${lagMs.toFixed(2)} ms`,
    );
  const more = failures.length - shown.length;
  return more > 0 ? [...shown, `    and ${more} more`] : shown;
}
