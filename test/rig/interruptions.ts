import { setTimeout as sleep } from 'node:timers/promises';
import {
  leavingTone,
  longestHoleMs,
  peakOf,
  toneShare,
  withoutTone,
  type Transition,
} from '../heard/transitions.js';
import { instantIn, monotonicMs, type Heard } from './card-record.js';
import { encoded, pacedSound, toneInput } from './paced-sound.js';
import type { PlayRequest } from '../source-system/province.js';
import type { SoundBench } from './sound-bench.js';
import type { Witness } from './witness.js';

/** One interruption as the card's record shows it. */
export interface Interruption {
  /** From the publication of the emergency to the first sample that is not the bulletin's, milliseconds. */
  readonly latencyMs: number;
  /** The longest silence around the change to the emergency, and around the change back, milliseconds. */
  readonly holeMs: number;
  readonly holeBackMs: number;
  /** The largest step of either change over what a ramp may make. */
  readonly stepOfRamp: number;
  /** The machine stalled the witness beside it. */
  readonly stalled: boolean;
  /** Underruns of the receiver's card around the two changes. */
  readonly underruns: number;
}

/** All interruptions of a run. */
export interface Interruptions {
  /** Those that count, as many as asked for. */
  readonly counted: readonly Interruption[];
  /** Those repeated because the witness stalled. */
  readonly repeated: readonly Interruption[];
  /** Tries of which nothing can be said: the bulletin had an underrun just before the command, or a bell was struck within the change back. */
  readonly spoilt: number;
}

/** How many to make, and where the bulletin is from. */
export interface InterruptionRun {
  readonly count: number;
  readonly progress?: (line: string) => void;
  /** A bulletin that waits behind the one that is heard: its live source is fetched all the while. */
  readonly waiting?: PlayRequest['source'];
}

const TONE_HZ = 480;
const FILE_S = 900;
const LOOK_MS = 450;
const LOOK_LONGER_MS = 2_000;
/** The bells of the chime are struck so long after one another (`agent/sound/chime.ts`). */
const BELLS_APART_MS = 500;
/** So long after a bell the change back is aimed at: a bell that is struck within it is a step of its own. */
const AFTER_BELL_MS = 300;
/** Where a bell is struck so much before the change back is over, or after, nothing can be said of the change. */
const BELL_NEAR_MS = 40;
const STEADY_MS = 300;
const BACK_LIMIT_MS = 5_000;
/** More than this many repetitions for each that counts: the machine is not fit to measure on. */
const REPEATS_A_COUNT = 1;
/** The machine counts as fit again when it has served the witness for so long; that is waited for so long at most. */
const SERVED_MS = 2_000;
const SERVED_LIMIT_MS = 60_000;

/** True where the last of what was heard is the bulletin's tone and nothing else. */
export function isSteadyTone({ samples, rateHz }: Heard, toneHz = TONE_HZ): boolean {
  const left = withoutTone(samples, toneHz, rateHz);
  return peakOf(samples) > 0.02 && peakOf(left) < 3e-4 && longestHoleMs(samples, rateHz) === 0;
}

/**
 * Interrupts a stored file, a steady tone, by an emergency that is a sound on the device, again and again: each at another
 * phase of the blocks, each judged on the card's record. One during which the witness stalled is repeated and kept apart.
 */
export async function interruptByStored(
  bench: SoundBench,
  witness: Witness,
  { count, progress, waiting }: InterruptionRun,
): Promise<Interruptions> {
  const tone = await encoded(toneInput(TONE_HZ, FILE_S), [
    '-c:a',
    'flac',
    '-sample_fmt',
    's16',
    '-f',
    'flac',
  ]);
  const { playId } = await bench.play(bench.file('tone.flac', tone));
  const behind = waiting === undefined ? undefined : await bench.play(waiting);
  const counted: Interruption[] = [];
  const repeated: Interruption[] = [];
  let spoilt = 0;
  while (counted.length < count) {
    const one = await interruptOnce(bench, witness);
    if (one === undefined) spoilt += 1;
    else (one.stalled ? repeated : counted).push(one);
    // Stalls of a machine come in rows of minutes.
    if (one?.stalled === true) await witness.untilServed(SERVED_MS, SERVED_LIMIT_MS);
    if (repeated.length + spoilt > Math.max(20, count * REPEATS_A_COUNT)) {
      throw new Error(
        `${counted.length} counted, the witness stalled in ${repeated.length}, ${spoilt} spoilt`,
      );
    }
    if (counted.length % 20 === 0) progress?.(`${counted.length} interruptions, ${repeated.length} repeated`);
  }
  if (behind !== undefined) await bench.stop(behind.playId);
  await bench.stop(playId);
  await bench.receiptOf({ playId });
  return { counted, repeated, spoilt };
}

async function interruptOnce(bench: SoundBench, witness: Witness): Promise<Interruption | undefined> {
  const { record } = bench;
  await record.until('the bulletin sounds', STEADY_MS, (heard) => isSteadyTone(heard), 15_000);
  await sleep(Math.random() * 20);
  const { sentMs } = await bench.emergency([{ kind: 'stored', name: 'chime' }]);
  const left = await leftAfter(bench, sentMs);
  if (left !== undefined) await sleep(untilAfterBell(left.atMs, monotonicMs() + (left.atMs - sentMs)));
  const endMs = await bench.endEmergencies();
  await record.until('the bulletin is back', STEADY_MS, (after) => isSteadyTone(after), BACK_LIMIT_MS);
  const untilMs = Math.max(endMs + LOOK_MS, monotonicMs());
  if (left === undefined) return undefined;
  const after = await record.between(endMs, untilMs);
  const { samples, rateHz } = after;
  if (!isSteadyTone({ ...after, samples: samples.subarray(-Math.round(rateHz / 4.5)) })) return undefined;
  const back = backToTone(after);
  if (isBellNear(left.atMs, back.atMs)) return undefined;
  return {
    ...{ latencyMs: left.atMs - sentMs, holeMs: left.holeMs, holeBackMs: back.holeMs },
    stepOfRamp: Math.max(left.stepOfRamp, back.stepOfRamp),
    stalled: await witness.stalledBetween(sentMs - 120, untilMs),
    underruns: (await record.underruns(sentMs - 120, untilMs)).length,
  };
}

/**
 * How the tone was left after a command; undefined where it was not steady before.
 * @throws Error where it was not left within 2 s
 */
export async function leftAfter(
  { record }: SoundBench,
  sentMs: number,
): Promise<(Transition & { readonly atMs: number }) | undefined> {
  for (const lookMs of [LOOK_MS, LOOK_LONGER_MS]) {
    const heard = await record.between(sentMs - 150, sentMs + lookMs);
    const { samples, rateHz, fromMs } = heard;
    const from = Math.round(((sentMs - fromMs) * rateHz) / 1000);
    if (!isSteadyTone({ ...heard, samples: samples.subarray(from - Math.round(rateHz / 9), from) }))
      return undefined;
    const left = leavingTone({ samples, rateHz, toneHz: TONE_HZ, from });
    if (left !== undefined) return { ...left, atMs: instantIn(heard, left.frame) };
  }
  throw new Error(`no emergency was heard within ${LOOK_LONGER_MS} ms`);
}

/** How long to wait so that what is heard now is heard again well after a bell and well before the next. @param heardMs now, in what is heard */
function untilAfterBell(firstBellMs: number, heardMs: number): number {
  const sinceBellMs = (((heardMs - firstBellMs) % BELLS_APART_MS) + BELLS_APART_MS) % BELLS_APART_MS;
  return (AFTER_BELL_MS - sinceBellMs + BELLS_APART_MS) % BELLS_APART_MS;
}

function isBellNear(firstBellMs: number, atMs: number): boolean {
  const fromBellMs = (((atMs - firstBellMs) % BELLS_APART_MS) + BELLS_APART_MS) % BELLS_APART_MS;
  return fromBellMs < BELL_NEAR_MS || fromBellMs > BELLS_APART_MS - BELL_NEAR_MS;
}

/** The change back is the same change, heard backwards. `atMs` is where the tone is alone again. */
function backToTone(heard: Heard): Transition & { readonly atMs: number } {
  const samples = heard.samples.toReversed();
  const from = Math.round(heard.rateHz / 9);
  const left = leavingTone({ samples, rateHz: heard.rateHz, toneHz: TONE_HZ, from });
  if (left === undefined) throw new Error('the emergency ended before it was withdrawn');
  return { ...left, atMs: instantIn(heard, samples.length - 1 - left.frame) };
}

/** One emergency whose words come live. */
export interface LiveInterruption {
  readonly latencyMs: number;
  /** The longest silence from the first sample of the chime until the speech has lasted for a second. */
  readonly holeMs: number;
  /** From the first sample of the chime to the first of the speech, milliseconds. */
  readonly chimeMs: number;
  readonly stalled: boolean;
}

const SPEECH_HZ = 1_250;
const SPEECH_LIMIT_MS = 6_000;

/** Interrupts the tone by emergencies whose content is a live stream: the chime comes at once, the speech after it. */
export async function interruptByLive(
  bench: SoundBench,
  witness: Witness,
  { count, progress }: InterruptionRun,
): Promise<LiveInterruption[]> {
  const tone = await encoded(toneInput(TONE_HZ, 600), ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac']);
  const { playId } = await bench.play(bench.file('tone-live.flac', tone));
  const speech = await pacedSound(toneInput(SPEECH_HZ, 120), 'mp3-128');
  const url = bench.media.serve('/emergency.mp3', { sound: speech, burstMs: 1_000 });
  const found: LiveInterruption[] = [];
  for (let tries = 0; found.length < count; tries += 1) {
    const one = await interruptLiveOnce(bench, witness, url);
    if (one !== undefined && (!one.stalled || tries >= 3 * count)) found.push(one);
    if (tries > 6 * count)
      throw new Error(`${found.length} of ${tries} tries had a steady bulletin before them`);
    progress?.(`live emergency ${found.length} of ${count}`);
  }
  await bench.stop(playId);
  await bench.receiptOf({ playId });
  return found;
}

async function interruptLiveOnce(
  bench: SoundBench,
  witness: Witness,
  url: string,
): Promise<LiveInterruption | undefined> {
  const { record } = bench;
  await record.until('the bulletin sounds', STEADY_MS, (heard) => isSteadyTone(heard), 15_000);
  const { sentMs } = await bench.emergency([{ kind: 'live', url }]);
  const left = await leftAfter(bench, sentMs);
  await record.until('the live words sound', 1_000, isSpeech, SPEECH_LIMIT_MS);
  const beganMs = left?.atMs ?? sentMs;
  const all = await record.between(beganMs, beganMs + SPEECH_LIMIT_MS);
  const endMs = await bench.endEmergencies();
  if (left === undefined) return undefined;
  const speechFrame = speechBegin(all);
  const until = Math.min(all.samples.length, speechFrame + all.rateHz);
  return {
    latencyMs: beganMs - sentMs,
    holeMs: longestHoleMs(all.samples, all.rateHz, 0, until),
    chimeMs: (speechFrame * 1000) / all.rateHz,
    stalled: await witness.stalledBetween(sentMs - 120, endMs),
  };
}

function isSpeech({ samples, rateHz }: Heard): boolean {
  return peakOf(samples) > 0.02 && toneShare(samples, SPEECH_HZ, rateHz) > 0.9;
}

function speechBegin(heard: Heard): number {
  const step = Math.round(heard.rateHz / 100);
  for (let at = 0; at + 10 * step <= heard.samples.length; at += step) {
    if (isSpeech({ ...heard, samples: heard.samples.subarray(at, at + 10 * step) })) return at;
  }
  throw new Error('the live words did not sound');
}
