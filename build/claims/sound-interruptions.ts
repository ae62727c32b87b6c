import { quantile } from '../../test/heard/transitions.js';
import { interruptByLive, interruptByStored, type Interruptions } from '../../test/rig/interruptions.js';
import type { Claim, Measured, ProveContext } from './claim.js';
import { keep, ms, withWitness } from './sound-run.js';

const COUNT = 200;
const LIVE_COUNT = 20;
const MEDIAN_MS = 70;
const P95_MS = 100;
/** The chime may end softly: so much of it below −50 dBFS is no hole. */
const SOFT_END_MS = 20;

/** The figures of interruptions in a line, and whether they keep the bound of item 1. */
export function judgeInterruptions({ counted, repeated, spoilt }: Interruptions): Pick<
  Measured,
  'measured'
> & {
  holds: boolean;
} {
  const latencies = counted.map(({ latencyMs }) => latencyMs);
  const all = [...counted, ...repeated].map(({ latencyMs }) => latencyMs);
  const hole = Math.max(...counted.map(({ holeMs, holeBackMs }) => Math.max(holeMs, holeBackMs)));
  const step = Math.max(...counted.map(({ stepOfRamp }) => stepOfRamp));
  return {
    measured:
      `${counted.length}: median ${ms(quantile(latencies, 0.5))}, p95 ${ms(quantile(latencies, 0.95))}, ` +
      `p99 ${ms(quantile(latencies, 0.99))}, longest ${ms(Math.max(...latencies))}; longest hole ${hole.toFixed(1)} ms; ` +
      `largest step ${step.toFixed(2)} of a ramp's; ${repeated.length} repeated for stalls of the machine ` +
      `(with them p95 ${ms(quantile(all, 0.95))}), ${spoilt} not judged for an underrun before the command or a bell struck within the change back`,
    holds:
      quantile(latencies, 0.5) <= MEDIAN_MS && quantile(latencies, 0.95) <= P95_MS && hole === 0 && step <= 1,
  };
}

async function stored(context: ProveContext): Promise<Measured> {
  return withWitness(async (bench, witness) => {
    const found = await interruptByStored(bench, witness, {
      count: COUNT,
      progress: (line) => context.progress(line),
    });
    await keep(context, 'interruptions', found);
    return {
      ...judgeInterruptions(found),
      note: `buffer of the card ${(await bench.record.buffersMs()).join(', ')} ms; from the MQTT publication to the card's record; the bulletin is a stored file, a steady tone`,
    };
  });
}

async function live(context: ProveContext): Promise<Measured> {
  return withWitness(async (bench, witness) => {
    const found = await interruptByLive(bench, witness, {
      count: LIVE_COUNT,
      progress: (line) => context.progress(line),
    });
    await keep(context, 'interruptions-live', found);
    const latencies = found.map(({ latencyMs }) => latencyMs);
    const hole = Math.max(...found.map(({ holeMs }) => holeMs));
    const chimes = found.map(({ chimeMs }) => chimeMs);
    return {
      measured:
        `${found.length}: chime after median ${ms(quantile(latencies, 0.5))}, p95 ${ms(quantile(latencies, 0.95))}; ` +
        `speech ${ms(Math.min(...chimes))} to ${ms(Math.max(...chimes))} after it; longest hole ${ms(hole)}`,
      holds:
        quantile(latencies, 0.5) <= MEDIAN_MS && quantile(latencies, 0.95) <= P95_MS && hole <= SOFT_END_MS,
      note: 'the live stream has a burst of 1 s',
    };
  });
}

/** Item 1 of area sound. */
export const interruptionClaims: readonly Claim[] = [
  {
    area: 'sound',
    item: 1,
    claim: `A stored emergency interrupts a bulletin ${COUNT} times at once, without a hole and without a click`,
    bound: `command to first sample: median ≤ ${MEDIAN_MS} ms, p95 ≤ ${P95_MS} ms; hole 0 ms; largest step ≤ a ramp's`,
    long: true,
    measure: stored,
  },
  {
    area: 'sound',
    item: 1,
    claim: 'A live emergency begins with its stored chime as fast, and the speech follows without a hole',
    bound: `chime: median ≤ ${MEDIAN_MS} ms, p95 ≤ ${P95_MS} ms; no stretch of more than ${SOFT_END_MS} ms below −50 dBFS from the chime's begin to the speech`,
    measure: live,
  },
];
