import t from 'tap';
import { benchChart } from '../../../build/benches/chart.js';
import { benchTable, type BenchReport } from '../../../build/benches/rows.js';

const report: BenchReport = {
  ...{ seconds: 120, loadSeconds: 30, date: '2026-11-23T07:00:00Z', machine: '2 × <CPU>', node: 'v20' },
  rows: [
    {
      player: 'loa',
      cpuS: { 'mp3-128': 0.5, 'aac-64': 0.75 },
      pssMb: 40,
      byFile: { medianMs: 60.4, longestMs: 80.2, count: 5, longestGapMs: 0 },
      notes: [],
    },
    { player: 'mpv', cpuS: {}, notes: ['left out: missing tool mpv'] },
  ],
};

t.test('the table has a line for each player, and says why one is left out', async (t) => {
  const lines = benchTable(report).split('\n');
  t.match(lines[3], /^\| loa +\| 0\.50 +\| – +\| 0\.75 +\| .*\| 60 \/ 80 \(0\)/);
  t.match(lines.at(-1), /^mpv: left out: missing tool mpv$/);
});

t.test('the chart has a bar for each figure that there is, and no raw text', async (t) => {
  const chart = benchChart(report);
  t.equal(chart.match(/<rect class="own"/g)?.length, 4);
  t.equal(chart.match(/<rect class="other"/g), null);
  t.match(chart, '2 × &lt;CPU>');
});
