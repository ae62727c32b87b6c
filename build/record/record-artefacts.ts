import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { latencyChart } from './record-charts.js';
import type { RecordChart } from './record-page.js';
import type { RecordRow } from './record-rows.js';

/** A file is written a little after the claim's end at most. */
const AFTER_MS = 10_000;

const interruptions = z.object({ counted: z.array(z.object({ latencyMs: z.number() })).min(2) });

/** Bounds of the chart, as the claim has them: `median ≤ 70 ms, p95 ≤ 100 ms`. */
const BOUNDS = /median ≤ (\d+) ms, p95 ≤ (\d+) ms/;

/**
 * Charts of what the runs have left in `prove-out/`: only where the file is of the very measurement that the row shows, so that no
 * chart stands beside the figure of another run.
 */
export async function chartsOf(out: string, rows: readonly RecordRow[]): Promise<RecordChart[]> {
  const charts = await Promise.all([interruptionChart(out, rows), demoChart(out, rows)]);
  return charts.filter((chart) => chart !== undefined);
}

async function interruptionChart(out: string, rows: readonly RecordRow[]): Promise<RecordChart | undefined> {
  const row = rows.find(({ area, item, long }) => area === 'sound' && item === 1 && long);
  const bounds = BOUNDS.exec(row?.bound ?? '');
  const text = await ofThisRun(join(out, 'sound-interruptions.json'), row);
  if (row === undefined || bounds === null || text === undefined) return undefined;
  const found = interruptions.safeParse(parsed(text));
  if (!found.success) return undefined;
  const latencies = found.data.counted.map(({ latencyMs }) => latencyMs);
  const [medianMs, p95Ms] = [Number(bounds[1]), Number(bounds[2])];
  return {
    caption: 'chartInterrupt',
    row,
    draw: (language) => latencyChart(latencies, { medianMs, p95Ms }, language),
  };
}

async function demoChart(out: string, rows: readonly RecordRow[]): Promise<RecordChart | undefined> {
  const row = rows.find(({ area, item }) => area === 'main' && item === 2);
  const svg = await ofThisRun(join(out, 'demo', 'timeline.svg'), row);
  if (row === undefined || svg === undefined) return undefined;
  // As an image, so that its styles and ids stay its own.
  const image = `<img alt="" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  return { caption: 'chartDemo', row, draw: () => image };
}

/** The text of a file that the run of this row has written; undefined where it is older, newer or absent. */
async function ofThisRun(path: string, row: RecordRow | undefined): Promise<string | undefined> {
  if (row?.result === undefined) return undefined;
  try {
    const { mtimeMs } = await stat(path);
    const fromMs = Date.parse(row.result.runBegan);
    if (mtimeMs < fromMs || mtimeMs > Date.parse(row.result.date) + AFTER_MS) return undefined;
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
