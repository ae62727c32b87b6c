import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';
import { afterWarmUp, slopeMbPerHour } from '../../test/rig/growth.js';
import { soak } from '../../test/rig/soak.js';
import { SoundBench, withoutSoundBench } from '../../test/rig/sound-bench.js';
import { benchChart } from './chart.js';
import { benchTable, type BenchReport } from './rows.js';
import { SoundMeasuring } from './sound.js';

const USAGE = 'usage: ./build/bench sound [--seconds N] [--json] | ./build/bench soak --hours H';
const LOAD_S = 30;
const COUNT = 5;

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface Asked {
  readonly what: 'sound' | 'soak';
  readonly seconds: number;
  readonly hours: number;
  readonly json: boolean;
}

function askedOf(words: string[]): Asked {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { seconds: { type: 'string' }, hours: { type: 'string' }, json: { type: 'boolean' } },
  });
  const [what, ...more] = positionals;
  if ((what !== 'sound' && what !== 'soak') || more.length > 0) throw new Error('one of: sound, soak');
  const seconds = Number(values.seconds ?? 120);
  const hours = Number(values.hours ?? 2);
  if (!(seconds >= 5 && seconds <= 600)) throw new Error('--seconds is 5 to 600');
  if (!(hours > 0 && hours <= 240)) throw new Error('--hours is more than 0 and at most 240');
  return { what, seconds, hours, json: values.json === true };
}

async function inBench<T>(run: (bench: SoundBench) => Promise<T>): Promise<T> {
  const missing = await withoutSoundBench();
  if (missing !== false) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'loa-bench-'));
  try {
    const bench = await SoundBench.open({ folder });
    try {
      return await run(bench);
    } finally {
      await bench.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sound({ seconds, json }: Asked, out: string): Promise<void> {
  const loadSeconds = Math.min(LOAD_S, seconds);
  const rows = await inBench((bench) =>
    new SoundMeasuring(bench, { seconds, loadSeconds, count: COUNT, progress: tell }).all(),
  );
  const [cpu] = cpus();
  const report: BenchReport = {
    ...{ seconds, loadSeconds, rows, date: new Date().toISOString(), node: process.version },
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeFile(join(out, 'sound.json'), text);
  await writeFile(join(out, 'sound.svg'), benchChart(report));
  process.stdout.write(json ? text : `${benchTable(report)}\n`);
}

async function soaking({ hours, json }: Asked, out: string): Promise<void> {
  const samples = await inBench((bench) => soak(bench, hours, join(out, 'soak.ndjson'), tell));
  const slope = slopeMbPerHour(afterWarmUp(samples));
  const last = samples.at(-1);
  const line = `${slope.toFixed(2)} MB/h over ${samples.length} samples in ${hours} h, ${last?.plays ?? 0} plays`;
  process.stdout.write(json ? `${JSON.stringify({ slope, hours, samples: samples.length })}\n` : `${line}\n`);
}

let asked: Asked | undefined;
try {
  asked = askedOf(process.argv.slice(2));
} catch (error) {
  tell(`${messageOf(error)}\n${USAGE}`);
  process.exitCode = 64;
}
if (asked !== undefined) {
  const out = resolve('bench-out');
  await mkdir(out, { recursive: true });
  try {
    await (asked.what === 'sound' ? sound(asked, out) : soaking(asked, out));
  } catch (error) {
    tell(`not measured: ${messageOf(error)}`);
    process.exitCode = 2;
  }
}
