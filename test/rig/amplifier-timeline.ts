import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { boardSchema, type AmplifierTimes } from '../../hardware/boards/board.js';
import { readLineLog, type LineChange } from '../../hardware/lines/file-lines.js';
import { UnsafeStates } from '../amplifier/unsafe-states.js';
import { WorkerModel } from '../amplifier/worker-model.js';
import { waitUntil } from '../support/wait-until.js';
import { instantIn, monotonicMs } from './card-record.js';
import { chirpOf, liveChirpOf, type ChirpHeard } from './first-samples.js';
import { encoded, toneInput } from './paced-sound.js';
import type { SoundBench } from './sound-bench.js';

/** What was seen of an amplifier: its lines beside what was at the card, on one clock. */
export interface AmplifierTimeline {
  /** Chirps that begin at full level, played while it was off, held and open: nothing of them may be lost. */
  readonly chirps: readonly (ChirpHeard & { readonly from: string })[];
  /** From each unmuting to the next sample, and from the last sample to each muting, milliseconds. */
  readonly leadMs: readonly number[];
  readonly tailMs: readonly number[];
  /** Frames louder than −50 dBFS while it was muted, or had not been unmuted for its time. */
  readonly heardMuted: number;
  readonly heardFrames: number;
  /** Breaches of order and times of the lines. */
  readonly unsafe: readonly string[];
  readonly openings: number;
  /** An emergency that came while it was off, from its publication to the first sample, milliseconds. */
  readonly emergencyFromOffMs: number;
  /** After the line was told to be open: until it was muted, and the code in the receipt of what then was refused. */
  readonly faultToMuteMs: number;
  readonly refusedCode: string | undefined;
  /** The emergency that came in spite of the open line was heard. */
  readonly emergencyInSpite: boolean;
  readonly lines: readonly LineChange[];
  /** Times that the card ran dry meanwhile: a busy machine's, not the amplifier's. */
  readonly underruns: number;
}

const LOUD = 0.003;
/** The lease of the live play: it runs while the amplifier wakes. */
const LIVE_MS = 10_000;
const TIMES = {
  ...{ supplyDelayMs: 1_500, settleMs: 300, unmuteMs: 50, tailMs: 500, fadeMs: 500, muteMs: 50 },
  ...{ holdMs: 2_500, standbyMs: 3_000, restMs: 500, retryMs: 1_000 },
} as const satisfies AmplifierTimes;

/** The file of a board whose lines are files of a folder. */
export async function simulatedBoard(
  folder: string,
): Promise<{ readonly path: string; readonly lines: string }> {
  const line = (number: number): object => ({ chip: 'simulated', line: number });
  const lines = join(folder, 'lines');
  const board = boardSchema.parse({
    ...{ format: 1, name: 'simulated', lines: { driver: 'files', folder: lines } },
    description: { vi: 'bo mạch mô phỏng', en: 'simulated board' },
    amplifier: {
      ...{ supply: line(0), line: line(1), unmute: line(2), times: TIMES },
      faults: { open: line(3), short: line(4) },
    },
  });
  const path = join(folder, 'simulated.json');
  await writeFile(path, JSON.stringify(board));
  return { path, lines };
}

/** Lives through what wakes an amplifier and what stops it, on a bench whose board is {@link simulatedBoard}. */
export async function amplifierTimeline(
  bench: SoundBench,
  lines: string,
  progress: (line: string) => void,
): Promise<AmplifierTimeline> {
  const beganMs = monotonicMs();
  const log = (): LineChange[] => readLineLog(lines);
  const off = (): Promise<unknown> =>
    waitUntil(
      'the amplifier is off',
      () => log().findLast(({ name }) => name === 'supply')?.active !== true,
      {
        deadlineMs: 30_000,
        everyMs: 100,
      },
    );
  const chirps: (ChirpHeard & { from: string })[] = [];
  for (const from of ['off', 'held']) {
    progress(`a file while it is ${from}`);
    chirps.push({ ...(await chirpOf(bench, 'FLAC')), from });
    await sleep(1_500);
  }
  await off();
  progress('a live stream while it is off');
  chirps.push({ ...(await liveChirpOf(bench, 'mp3-128', LIVE_MS)), from: 'off' });
  await off();
  progress('an emergency while it is off');
  const emergency = await bench.emergency([{ kind: 'stored', name: 'siren' }]);
  const emergencyFromOffMs = (await bench.record.firstSound(emergency.sentMs, 10_000)) - emergency.sentMs;
  await bench.endEmergencies();
  await off();
  progress('the line opens while a bulletin is heard');
  const fault = await openLine(bench, lines, log);
  await off();
  const endedMs = monotonicMs();
  const changes = log();
  const { underruns } = (await bench.receiver.status()).sink;
  return {
    ...{ chirps, emergencyFromOffMs, ...fault, lines: changes, underruns },
    ...(await judged(bench, changes, [beganMs, endedMs])),
  };
}

async function openLine(
  bench: SoundBench,
  lines: string,
  log: () => LineChange[],
): Promise<Pick<AmplifierTimeline, 'faultToMuteMs' | 'refusedCode' | 'emergencyInSpite'>> {
  const bytes = await encoded(toneInput(880, 60), ['-c:a', 'flac', '-f', 'flac']);
  const first = await bench.play(bench.file('long.flac', bytes));
  await bench.record.firstSound(first.sentMs, 10_000);
  const faultMs = monotonicMs();
  await writeFile(join(lines, 'fault-open'), '1');
  const muted = await waitUntil('it is muted', () =>
    log().find(({ name, active, atMs }) => name === 'unmute' && !active && atMs > faultMs),
  );
  await bench.stop(first.playId);
  // Nothing of this one is heard; its receipt says why.
  const refused = await bench.play(bench.file('refused.flac', bytes.subarray()));
  await sleep(1_000);
  await bench.stop(refused.playId);
  const { body } = await bench.receiptOf({ playId: refused.playId });
  const spite = await bench.emergency([{ kind: 'stored', name: 'siren' }]);
  const emergencyInSpite = await bench.record.firstSound(spite.sentMs, 10_000).then(
    () => true,
    () => false,
  );
  await bench.endEmergencies();
  await writeFile(join(lines, 'fault-open'), '0');
  return {
    faultToMuteMs: muted.atMs - faultMs,
    refusedCode: body.framesHeard === 0 ? body.code : `${body.framesHeard} frames heard`,
    emergencyInSpite,
  };
}

/** Lines by their order and times, and every frame of the record by the lines. */
async function judged(
  bench: SoundBench,
  changes: readonly LineChange[],
  [beganMs, endedMs]: readonly [number, number],
): Promise<
  Pick<AmplifierTimeline, 'leadMs' | 'tailMs' | 'heardMuted' | 'heardFrames' | 'unsafe' | 'openings'>
> {
  // A timer may come some tenths of a millisecond early by the log's clock.
  const times = Object.fromEntries(Object.entries(TIMES).map(([name, ms]) => [name, ms - 1])) as typeof TIMES;
  const judge = new UnsafeStates(times, new WorkerModel(0), 0);
  const open: [number, number][] = [];
  for (const { name, active, atMs } of changes) {
    if (name !== 'supply' && name !== 'line' && name !== 'unmute') continue;
    judge.line(name, active, atMs, { short: false, refused: false });
    const last = open.at(-1);
    if (name === 'unmute' && active) open.push([atMs, Infinity]);
    if (name === 'unmute' && !active && last?.[1] === Infinity) last[1] = atMs;
  }
  const heard = await bench.record.between(beganMs, endedMs);
  const loud = heard.samples.reduce<number[]>((found, sample, frame) => {
    if (Math.abs(sample) > LOUD) found.push(instantIn(heard, frame));
    return found;
  }, []);
  const inside = (atMs: number): boolean =>
    open.some(([from, to]) => from + TIMES.unmuteMs - 1 <= atMs && atMs <= to);
  const within = open.map(([from, to]) => loud.filter((atMs) => from <= atMs && atMs <= to));
  const known = within.flatMap((instants, i) => {
    const [first, last] = [instants[0], instants.at(-1)];
    const [from, to] = open[i] ?? [NaN, NaN];
    return first === undefined || last === undefined ? [] : [{ leadMs: first - from, tailMs: to - last }];
  });
  return {
    leadMs: known.map(({ leadMs }) => leadMs),
    tailMs: known.map(({ tailMs }) => tailMs),
    heardMuted: loud.filter((atMs) => !inside(atMs)).length,
    heardFrames: loud.length,
    unsafe: [...judge.seen],
    openings: open.length,
  };
}
