import { quantile } from '../../test/heard/transitions.js';
import {
  chirpOf,
  firstSamples,
  firstSamplesOfHls,
  liveChirpOf,
  type ChirpHeard,
} from '../../test/rig/first-samples.js';
import { FILE_FORMATS, type FileFormat, type PacedFormat } from '../../test/rig/paced-sound.js';
import type { Claim, Measured, ProveContext } from './claim.js';
import { keep, ms, withBench } from './sound-run.js';

const PLAYS = 20;
const HLS_PLAYS = 5;
const BURST_MS = 2_000;

/** A ramp of 10 ms makes its first 5 ms about 13 dB quieter; what is cut off makes it silence. */
const HEAD_DB = -20;
const TAIL_DB = -12;

interface Limit {
  readonly format: PacedFormat;
  readonly name: string;
  readonly burstMs: number;
  readonly limitMs: number;
}

const LIMITS: readonly Limit[] = [
  { format: 'mp3-128', name: 'MP3', burstMs: BURST_MS, limitMs: 150 },
  { format: 'mp3-128', name: 'MP3', burstMs: 0, limitMs: 300 },
  { format: 'opus-32', name: 'Opus', burstMs: BURST_MS, limitMs: 150 },
  { format: 'opus-32', name: 'Opus', burstMs: 0, limitMs: 300 },
  { format: 'aac-64', name: 'AAC', burstMs: BURST_MS, limitMs: 200 },
  { format: 'aac-64', name: 'AAC', burstMs: 0, limitMs: 900 },
];

function firstSampleClaim({ format, name, burstMs, limitMs }: Limit): Claim {
  const burst = burstMs > 0 ? `with a burst of ${burstMs / 1000} s` : 'without a burst';
  return {
    area: 'sound',
    item: 2,
    claim: `A live ${name} stream ${burst} is heard soon after its command`,
    bound: `p95 of ${PLAYS} plays ≤ ${limitMs} ms, from the MQTT publication to the card's record`,
    async measure(context) {
      const found = await withBench({}, (bench) => firstSamples(bench, format, { burstMs, count: PLAYS }));
      await keep(context, `first-${format}-${burstMs}`, found);
      const { latenciesMs, silent } = found;
      return {
        measured: `median ${ms(quantile(latenciesMs, 0.5))}, p95 ${ms(quantile(latenciesMs, 0.95))}, longest ${ms(Math.max(...latenciesMs))}; ${silent} not heard`,
        holds: silent === 0 && quantile(latenciesMs, 0.95) <= limitMs,
      };
    },
  };
}

const hls: Claim = {
  area: 'sound',
  item: 2,
  claim: 'An HLS stream (MPEG-TS, AAC) is heard',
  bound: `all of ${HLS_PLAYS} plays; the first sample is reported`,
  async measure(context) {
    const found = await withBench({}, (bench) => firstSamplesOfHls(bench, HLS_PLAYS));
    await keep(context, 'first-hls', found);
    const { latenciesMs, silent } = found;
    return {
      measured: `${latenciesMs.length} heard, ${silent} not; median ${ms(quantile(latenciesMs, 0.5))}, longest ${ms(Math.max(...latenciesMs, NaN))}`,
      holds: silent === 0,
    };
  },
};

async function chirps(
  context: ProveContext,
  run: () => Promise<ChirpHeard[]>,
  name: string,
): Promise<Measured> {
  const found = await run();
  await keep(context, `chirps-${name}`, found);
  return {
    measured: found
      .map(
        (one) =>
          `${one.format}: head ${one.headDb.toFixed(0)} dB, tail ${one.tailDb.toFixed(0)} dB, worst ${one.worst.toFixed(3)}`,
      )
      .join('; '),
    holds: found.every(({ headDb, tailDb, worst }) => headDb >= HEAD_DB && tailDb >= TAIL_DB && worst > 0.98),
    note: 'levels of the first 5 ms and the last 20 ms heard, over those of the reference decoded by ffmpeg',
  };
}

const CHIRP_BOUND = `first 5 ms ≥ ${HEAD_DB} dB (a ramp is −13), last 20 ms ≥ ${TAIL_DB} dB, each 0.25 s correlates > 0.98`;

function fileChirp(format: FileFormat): Claim {
  return {
    area: 'sound',
    item: 2,
    claim: `A stored file in ${format} is heard from its first sample to its last`,
    bound: CHIRP_BOUND,
    measure: (context) =>
      chirps(
        context,
        () => withBench({}, async (bench) => [await chirpOf(bench, format)]),
        format.replaceAll(' ', '-'),
      ),
  };
}

const liveChirps: Claim = {
  area: 'sound',
  item: 2,
  claim: 'A live stream in MP3, AAC and Opus is heard from its first sample on',
  bound: `first 5 ms ≥ ${HEAD_DB} dB, each 0.25 s correlates > 0.98`,
  measure: (context) =>
    chirps(
      context,
      () =>
        withBench({}, async (bench) => {
          const found: ChirpHeard[] = [];
          for (const format of ['mp3-128', 'aac-64', 'opus-32'] as const)
            found.push({ ...(await liveChirpOf(bench, format)), tailDb: 0 });
          return found;
        }),
      'live',
    ),
};

/** Item 2 of area sound. */
export const firstSampleClaims: readonly Claim[] = [
  ...LIMITS.map(firstSampleClaim),
  hls,
  ...(Object.keys(FILE_FORMATS) as FileFormat[]).map(fileChirp),
  liveChirps,
];
