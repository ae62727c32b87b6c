import { setTimeout as sleep } from 'node:timers/promises';
import { peakOf } from '../heard/transitions.js';
import { monotonicMs } from './card-record.js';
import type { SoundBench } from './sound-bench.js';

/** What a receiver that was cut let be heard. */
export interface CutsHeard {
  /** From the start of the new process, or from when the next repeat was due, to sound, milliseconds. */
  readonly cutOffMs: number;
  readonly repeatLateMs: number;
  /** Loudest sample after a start at which the emergency had been cancelled before, or had expired meanwhile. */
  readonly cancelledPeak: number;
  readonly expiredPeak: number;
  /** Begins of a sounding while it was cut ten times in a minute. */
  readonly begunInTenCuts: number;
}

const AREA = { area: 'ap-1' } as const;
const REPEAT_MS = 60_000;
const CUTS = 10;
const CUT_EVERY_MS = 6_000;
/** A start is heard within this; a loaded machine takes long to start a program. */
const START_LIMIT_MS = 30_000;
const LISTEN_MS = 8_000;
/** Chime, and the chime that is its content: 3.6 s; not to its very end, where nothing is left to be cut off. */
const SOUNDING_MS = 3_000;
/** Two begins closer than this are the bells of one chime, struck half a second apart; a start takes longer. */
const APART_MS = 1_000;

/** How a receiver is cut: its process is killed, or its disk loses what was not synced as well. */
export type Cut = (bench: SoundBench) => Promise<unknown>;

/** As a crash: what was written stays. */
export const killed: Cut = ({ receiver }) => receiver.stop('SIGKILL');

/** Cuts the receiver while emergencies are in force, and listens to the card. */
export async function hearCuts(
  bench: SoundBench,
  cut: Cut,
  progress: (line: string) => void,
): Promise<CutsHeard> {
  progress('cut off in the middle of a sounding');
  await sendFor(bench, 600_000);
  const firstMs = await bench.record.firstSound(monotonicMs() - 500, 10_000);
  await sleep(700);
  const cutOffMs = await soundAfterRestart(bench, cut);
  progress('at its next repeat');
  const againMs = await bench.record.firstSound(firstMs + REPEAT_MS - 5_000, START_LIMIT_MS + 60_000);
  // Its interval counts from the sounding after the cut, which was some seconds after the first.
  const repeatLateMs = againMs - firstMs - REPEAT_MS;
  progress('cancelled, then cut');
  await bench.endEmergencies();
  await bench.record.untilQuiet(500, 20_000);
  await cut(bench);
  const cancelledPeak = await peakAfterStart(bench);
  progress('expired while it was off');
  await sendFor(bench, 4_000);
  await bench.record.firstSound(monotonicMs() - 500, 10_000);
  await cut(bench);
  await sleep(5_000);
  const expiredPeak = await peakAfterStart(bench);
  await bench.endEmergencies();
  progress('ten cuts in a minute');
  return { cutOffMs, repeatLateMs, cancelledPeak, expiredPeak, begunInTenCuts: await tenCuts(bench, cut) };
}

async function sendFor(bench: SoundBench, forMs: number): Promise<void> {
  const request = {
    title: 'cut',
    content: [{ kind: 'stored', name: 'chime' } as const],
    repeatEveryMs: REPEAT_MS,
    forMs,
  };
  await bench.rig.send(await bench.rig.province.emergencySet('province', AREA, [request]));
}

/**
 * Cuts it at instants by chance from the publication of an emergency to near the end of its sounding: delivered or not, kept or not.
 * @returns from each start to sound, milliseconds; Infinity where there was none
 */
export async function hearCutsAnywhere(bench: SoundBench, cut: Cut, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await bench.record.untilQuiet(500, 20_000);
    await sendFor(bench, 600_000);
    await sleep((SOUNDING_MS * (time + Math.random())) / times);
    found.push(await soundAfterRestart(bench, cut).catch(() => Infinity));
    await bench.receiver.waitFor('its link is up', ({ link }) => link.kind === 'up', START_LIMIT_MS);
    await bench.endEmergencies();
  }
  return found;
}

async function soundAfterRestart(bench: SoundBench, cut: Cut): Promise<number> {
  await cut(bench);
  const startedMs = monotonicMs() + 200;
  await sleep(200);
  await bench.receiver.start();
  return (await bench.record.firstSound(startedMs, START_LIMIT_MS)) - startedMs;
}

async function peakAfterStart(bench: SoundBench): Promise<number> {
  const fromMs = monotonicMs() + 200;
  await bench.receiver.start();
  await bench.receiver.waitFor('its card is open', ({ sink }) => sink.ok, START_LIMIT_MS);
  await sleep(LISTEN_MS);
  return peakOf((await bench.record.between(fromMs, monotonicMs())).samples);
}

async function tenCuts(bench: SoundBench, cutOff: Cut): Promise<number> {
  await bench.record.untilQuiet(500, 20_000);
  const fromMs = monotonicMs();
  await sendFor(bench, 600_000);
  for (let cut = 0; cut < CUTS; cut += 1) {
    const nextMs = fromMs + (cut + 1) * CUT_EVERY_MS;
    await sleep(Math.max(0, nextMs - monotonicMs() - 1_500));
    await cutOff(bench);
    await bench.receiver.start();
  }
  await sleep(Math.max(0, fromMs + CUTS * CUT_EVERY_MS - monotonicMs()));
  const { samples, rateHz } = await bench.record.between(fromMs, fromMs + CUTS * CUT_EVERY_MS);
  await bench.endEmergencies();
  return begins(samples, rateHz);
}

/** How often sound begins after a silence of {@link APART_MS}, or where the file begins. */
function begins(samples: Float32Array, rateHz: number): number {
  let count = 0;
  let quiet = Infinity;
  for (const sample of samples) {
    if (Math.abs(sample) <= 0.003) {
      quiet += 1;
      continue;
    }
    if (quiet >= (APART_MS * rateHz) / 1000) count += 1;
    quiet = 0;
  }
  return count;
}
