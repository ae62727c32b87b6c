import type { BenchReport, BenchRow } from './rows.js';

interface Panel {
  readonly title: string;
  readonly unit: string;
  of(row: BenchRow): number | undefined;
}

const PANELS: readonly Panel[] = [
  { title: 'CPU, MP3 128k', unit: 's', of: (row) => row.cpuS['mp3-128'] },
  { title: 'Memory (PSS)', unit: 'MB', of: (row) => row.pssMb },
  { title: 'First sample of a live stream, burst', unit: 'ms', of: (row) => row.firstWithBurst?.medianMs },
  { title: 'Interruption by a stored sound', unit: 'ms', of: (row) => row.byFile?.medianMs },
  { title: 'Silence in that interruption', unit: 'ms', of: (row) => row.byFile?.longestGapMs },
];

const WIDTH = 720;
const BAR = 18;
const LABEL = 150;
const VALUE = 90;
const PANEL_GAP = 34;

/** The report as bars, the shorter the better: one panel for each measurement, one bar for each player that has it. */
export function benchChart(report: BenchReport): string {
  const parts: string[] = [];
  let y = 30;
  parts.push(text(10, y - 8, `${report.date.slice(0, 10)}, ${report.machine}, Node ${report.node}`, 'note'));
  for (const panel of PANELS) {
    const bars = report.rows.flatMap((row) => {
      const value = panel.of(row);
      return value === undefined ? [] : [{ player: row.player, value }];
    });
    if (bars.length === 0) continue;
    y += PANEL_GAP;
    parts.push(text(10, y - 8, `${panel.title}, ${panel.unit}`, 'title'));
    const largest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
    for (const { player, value } of bars) {
      const width = Math.max(1, ((WIDTH - LABEL - VALUE) * value) / largest);
      const own = player === 'loa' ? 'own' : 'other';
      parts.push(text(10, y + 13, player, 'label'));
      parts.push(
        `<rect class="${own}" x="${LABEL}" y="${y + 2}" width="${width.toFixed(1)}" height="${BAR - 5}"/>`,
      );
      parts.push(text(LABEL + width + 6, y + 13, value.toFixed(value < 10 ? 2 : 0), 'label'));
      y += BAR;
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 16}" font-family="sans-serif" font-size="12">`,
    '<style>.title{font-weight:bold}.note{fill:#666}.own{fill:#c0392b}.other{fill:#8fa3b0}</style>',
    `<rect width="${WIDTH}" height="${y + 16}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, words: string, kind: string): string {
  const safe = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y}">${safe}</text>`;
}
