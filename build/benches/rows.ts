import type { PacedFormat } from '../../test/rig/paced-sound.js';

/** Some measurements of the same, milliseconds. */
export interface Times {
  readonly medianMs: number;
  readonly longestMs: number;
  readonly count: number;
}

/** An interruption: from the command to the first sample of the new sound, and the longest silence on the way. */
export interface InterruptionTimes extends Times {
  readonly longestGapMs: number;
}

/** One line of the bench: a player and what was measured of it. What it does not do, or did not do, is absent. */
export interface BenchRow {
  readonly player: string;
  readonly cpuS: Partial<Record<PacedFormat, number>>;
  /** While it played MP3 128k, process tree. */
  readonly rssMb?: number;
  readonly pssMb?: number;
  readonly ussMb?: number;
  readonly firstWithBurst?: Times;
  readonly firstWithoutBurst?: Times;
  readonly byFile?: InterruptionTimes;
  readonly byLive?: InterruptionTimes;
  /** With both cores busy. */
  readonly underruns?: number;
  /** Why something is absent. */
  readonly notes: readonly string[];
}

/** All of a bench. */
export interface BenchReport {
  readonly seconds: number;
  readonly loadSeconds: number;
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly rows: readonly BenchRow[];
}

const HEAD = [
  'player',
  'MP3 128k',
  'MP3 64k',
  'AAC 64k',
  'Opus 32k',
  'RSS',
  'PSS',
  'USS',
  'first, burst',
  'first, none',
  'by file (gap)',
  'by live (gap)',
  'underruns',
];

/** The report as a table of Markdown: CPU-seconds, MB, and milliseconds as median / longest. */
export function benchTable(report: BenchReport): string {
  const lines = report.rows.map(cellsOf);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const notes = report.rows.flatMap(({ player, notes: told }) => told.map((note) => `${player}: ${note}`));
  return [
    `CPU-seconds for ${report.seconds} s of each format, MB while MP3 128k plays, milliseconds as median / longest.`,
    line(HEAD),
    rule,
    ...lines.map(line),
    ...notes,
  ].join('\n');
}

function cellsOf(row: BenchRow): string[] {
  const number = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '–';
  const times = (value: Times | undefined): string =>
    value === undefined ? '–' : `${value.medianMs.toFixed(0)} / ${value.longestMs.toFixed(0)}`;
  const change = (value: InterruptionTimes | undefined): string =>
    value === undefined ? '–' : `${times(value)} (${value.longestGapMs.toFixed(0)})`;
  return [
    row.player,
    ...(['mp3-128', 'mp3-64', 'aac-64', 'opus-32'] as const).map((format) => number(row.cpuS[format], 2)),
    ...[row.rssMb, row.pssMb, row.ussMb].map((value) => number(value, 0)),
    times(row.firstWithBurst),
    times(row.firstWithoutBurst),
    change(row.byFile),
    change(row.byLive),
    number(row.underruns, 0),
  ];
}
