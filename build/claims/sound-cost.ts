import { join } from 'node:path';
import { afterWarmUp, slopeMbPerHour } from '../../test/rig/growth.js';
import { leftovers } from '../../test/rig/leftovers.js';
import { loadedPlay } from '../../test/rig/loaded-play.js';
import { bareNodeUssMb, ownNode, playCost, type PlayCost } from '../../test/rig/play-cost.js';
import { SoundBench } from '../../test/rig/sound-bench.js';
import { soak } from '../../test/rig/soak.js';
import type { PacedFormat } from '../../test/rig/paced-sound.js';
import type { Claim, ProveContext } from './claim.js';
import { inFolder, keep, ms, withBench } from './sound-run.js';

const FORMATS: readonly PacedFormat[] = ['mp3-128', 'mp3-64', 'aac-64', 'opus-32'];
const COST_S = 60;
const TIMES = 1.5;
const LOADED_S = 1_800;
const UNDERRUNS_MORE = 2;
const SOAK_HOURS = 2;
const SLOPE_MB = 1;
const CYCLES = 1_000;
/** Descriptors that may be open at one moment and not at another: a fetch, a log. */
const DESCRIPTORS_MORE = 2;
const LEFT_MB = 6;

interface Costs {
  readonly plays: readonly PlayCost[];
  readonly bareMb: number;
}

/** One run for cost and memory: the receiver has a Node of its own, so that no other shares its pages. */
function costs(context: ProveContext): Promise<Costs> {
  return context.once('sound-cost', () =>
    inFolder(async (folder) => {
      const bench = await SoundBench.open({ folder, node: await ownNode(folder, 'loa-node') });
      try {
        const plays: PlayCost[] = [];
        for (const format of FORMATS) plays.push(await playCost(bench, format, COST_S));
        const found = { plays, bareMb: await bareNodeUssMb(bench) };
        await keep(context, 'cost', found);
        return found;
      } finally {
        await bench.close();
      }
    }),
  );
}

const processor: Claim = {
  area: 'sound',
  item: 5,
  claim: `The whole receiver plays for little more processor time than \`ffmpeg -f alsa\` beside it (${COST_S} s each)`,
  bound: `CPU ≤ ${TIMES} × ffmpeg's for MP3 128k, MP3 64k, AAC 64k, Opus 32k; process trees`,
  async measure(context) {
    const { plays } = await costs(context);
    return {
      measured: plays
        .map(
          (one) =>
            `${one.format}: ${one.loaCpuS.toFixed(2)} s to ${one.ffmpegCpuS.toFixed(2)} s, ${(one.loaCpuS / one.ffmpegCpuS).toFixed(2)} ×`,
        )
        .join('; '),
      holds: plays.every((one) => one.loaCpuS <= TIMES * one.ffmpegCpuS),
    };
  },
};

const memory: Claim = {
  area: 'sound',
  item: 5,
  claim:
    'The receiver that plays MP3 holds little more memory than a bare Node with one worker and one MQTT client over TLS',
  bound: `USS of the process tree ≤ ${TIMES} ×; each with a copy of Node that no other process shares`,
  async measure(context) {
    const { plays, bareMb } = await costs(context);
    const of = (format: PacedFormat): number => plays.find((one) => one.format === format)?.loaUssMb ?? NaN;
    const each = FORMATS.map((format) => `${format} ${of(format).toFixed(0)}`).join(', ');
    return {
      measured: `MB: ${each}; bare ${bareMb.toFixed(0)}; MP3 ${(of('mp3-128') / bareMb).toFixed(2)} ×`,
      holds: of('mp3-128') <= TIMES * bareMb,
      note: 'AAC has its decoder process in it',
    };
  },
};

const growth: Claim = {
  area: 'sound',
  item: 5,
  claim: `Over ${SOAK_HOURS} hours of plays the receiver does not grow`,
  bound: `slope of USS after the first quarter of an hour ≤ ${SLOPE_MB} MB/h, by least squares`,
  long: true,
  async measure(context) {
    const samples = await withBench({}, (bench) =>
      soak(bench, SOAK_HOURS, join(context.out, 'sound-soak.ndjson'), (line) => context.progress(line)),
    );
    const slope = slopeMbPerHour(afterWarmUp(samples));
    const last = samples.at(-1);
    return {
      measured: `${slope.toFixed(2)} MB/h over ${samples.length} samples, ${last?.plays ?? 0} plays; USS at the end ${last?.ussMb.toFixed(1) ?? '?'} MB`,
      holds: slope <= SLOPE_MB,
    };
  },
};

const loaded: Claim = {
  area: 'sound',
  item: 3,
  claim:
    'A file is played for 30 minutes with the other core busy and the main thread blocked for 40 % of the time',
  bound: `underruns ≤ those of a bare paced writer with the same buffer beside it + ${UNDERRUNS_MORE}`,
  long: true,
  async measure(context) {
    const found = await inFolder((folder) => loadedPlay(folder, LOADED_S, (line) => context.progress(line)));
    await keep(context, 'loaded', found);
    return {
      measured:
        `${found.underruns} underruns, witness ${found.witnessUnderruns} (its timer late ${found.witnessStalls} times); ` +
        `longest silence ${ms(found.holeMs)}; buffer ${found.buffersMs.join(' → ')} ms, witness ${found.witnessBufferMs} ms`,
      holds: found.underruns <= found.witnessUnderruns + UNDERRUNS_MORE,
      note: `the main thread was blocked by a module that only the measurement loads; it answered in ${ms(found.statusMs)}`,
    };
  },
};

const nothingLeft: Claim = {
  area: 'sound',
  item: 6,
  claim: `${CYCLES} interruptions and changes of source leave nothing behind`,
  bound: `descriptors and processes as before (descriptors + ${DESCRIPTORS_MORE} at most); USS + ${LEFT_MB} MB at most after a warm-up`,
  long: true,
  async measure(context) {
    const found = await withBench({}, (bench) => leftovers(bench, CYCLES, (line) => context.progress(line)));
    await keep(context, 'leftovers', found);
    const { before, after, heard } = found;
    return {
      measured:
        `descriptors ${before.descriptors} → ${after.descriptors}, processes ${before.pids.length} → ${after.pids.length}, ` +
        `USS ${before.ussMb.toFixed(1)} → ${after.ussMb.toFixed(1)} MB; ${heard} of the plays were heard`,
      holds:
        after.descriptors <= before.descriptors + DESCRIPTORS_MORE &&
        after.pids.length <= before.pids.length &&
        after.ussMb <= before.ussMb + LEFT_MB &&
        heard >= CYCLES * 0.9,
    };
  },
};

/** Items 3, 5 and 6 of area sound. */
export const costClaims: readonly Claim[] = [loaded, processor, memory, growth, nothingLeft];
