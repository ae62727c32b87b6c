import { quantile } from '../../test/heard/transitions.js';
import { interruptByStored } from '../../test/rig/interruptions.js';
import { pacedSound, toneInput } from '../../test/rig/paced-sound.js';
import type { Claim } from './claim.js';
import { keep, ms, withWitness } from './sound-run.js';

const COUNT = 200;
const MEDIAN_MS = 100;
const P95_MS = 150;
const STREAM_S = 1_800;

/** Item 4 of area emergency. */
export const latencyClaims: readonly Claim[] = [
  {
    area: 'emergency',
    item: 4,
    claim: `From publication at mosquitto to the first sample on the card, ${COUNT} times, while the receiver plays, fetches and reports`,
    bound: `median ≤ ${MEDIAN_MS} ms, p95 ≤ ${P95_MS} ms; those in which the witness stalled repeated and counted`,
    long: true,
    async measure(context) {
      const settings = { telemetry: { everyS: 1, heartbeatS: 5 } };
      return withWitness(
        async (bench, witness) => {
          // It waits behind the bulletin that is heard, and is fetched all the while.
          const sound = await pacedSound(toneInput(880, STREAM_S), 'mp3-128');
          const url = bench.media.serve('/waiting.mp3', { sound, burstMs: 1_000 });
          const found = await interruptByStored(bench, witness, {
            count: COUNT,
            progress: (line) => context.progress(line),
            waiting: { kind: 'live', url },
          });
          await keep(context, 'emergency-latency', found);
          const latencies = found.counted.map(({ latencyMs }) => latencyMs);
          const [median, p95] = [quantile(latencies, 0.5), quantile(latencies, 0.95)];
          const all = [...found.counted, ...found.repeated].map(({ latencyMs }) => latencyMs);
          return {
            measured: `${latencies.length}: median ${ms(median)}, p95 ${ms(p95)}, longest ${ms(Math.max(...latencies))}; ${found.repeated.length} repeated for stalls of the machine (with them p95 ${ms(quantile(all, 0.95))})`,
            holds: median <= MEDIAN_MS && p95 <= P95_MS,
          };
        },
        { settings },
      );
    },
  },
];
