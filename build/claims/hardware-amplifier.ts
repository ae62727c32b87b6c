import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { liveHistory } from '../../test/amplifier/histories.js';
import { amplifierTimeline, simulatedBoard } from '../../test/rig/amplifier-timeline.js';
import type { Claim } from './claim.js';
import { keep, withBench } from './sound-run.js';

const HISTORIES = 10_000;
/** A ramp of 10 ms makes its first 5 ms about 13 dB quieter; what is cut off makes it silence. */
const HEAD_DB = -20;
const TAIL_DB = -12;
const ALIKE = 0.98;

const histories: Claim = {
  area: 'hardware',
  item: 1,
  claim: `${HISTORIES} random histories of play, stop, fault, emergency, heat and power: the amplifier is in no unsafe state`,
  bound:
    'no relay switched unmuted or before its time, nothing let through before it is open, nothing muted that was still to be heard, never open in a short circuit, never left open or under power with nobody on air, nobody waits for ever; seeds printed',
  async measure() {
    const firstSeed = Math.floor(Math.random() * 1e9);
    const found = new Map<string, number>();
    const sum = { unsafe: 0, steps: 0, opened: 0, heardMs: 0, faults: 0, powerCuts: 0 };
    for (let seed = firstSeed; seed < firstSeed + HISTORIES; seed += 1) {
      const history = liveHistory(seed);
      if (history.unsafe.length > 0) sum.unsafe += 1;
      for (const what of history.unsafe) if (!found.has(what)) found.set(what, seed);
      for (const key of ['steps', 'opened', 'heardMs', 'faults', 'powerCuts'] as const)
        sum[key] += history[key];
    }
    const first = [...found].map(([what, seed]) => `${what} (seed ${seed})`).join('; ');
    return {
      measured:
        `seeds ${firstSeed} to ${firstSeed + HISTORIES - 1}: ${sum.unsafe} unsafe${first === '' ? '' : `: ${first}`}; ` +
        `${sum.steps} steps, ${sum.opened} openings, ${Math.round(sum.heardMs / 3_600_000)} h of sound, ${sum.faults} faults, ${sum.powerCuts} power cuts`,
      holds: sum.unsafe === 0 && sum.opened > HISTORIES && sum.powerCuts > HISTORIES,
      note: 'the sequence is the product’s; sound worker, clock and times are simulated, other for each history',
    };
  },
};

const judge: Claim = {
  area: 'hardware',
  item: 1,
  claim: 'The judge of the histories finds an amplifier that does not keep a time',
  bound: 'each of 8 times spoilt is found within 100 histories',
  async measure() {
    const spoilt = [
      ...[
        { settleMs: 0 },
        { supplyDelayMs: 0 },
        { muteMs: 0 },
        { restMs: 0 },
        { fadeMs: 0 },
        { unmuteMs: 0 },
      ],
      ...[{ tailMs: 100_000 }, { retryMs: 200_000 }],
    ];
    const seen = spoilt.map((spoil) => {
      let seed = 1;
      while (seed <= 100 && liveHistory(seed, spoil).unsafe.length === 0) seed += 1;
      return { name: Object.keys(spoil).join(), seed };
    });
    return {
      measured: seen
        .map(({ name, seed }) => `${name} ${seed > 100 ? 'not found' : `at history ${seed}`}`)
        .join('; '),
      holds: seen.every(({ seed }) => seed <= 100),
    };
  },
};

const timeline: Claim = {
  area: 'hardware',
  item: 1,
  claim:
    'The running receiver on the software card with simulated lines: files, a live stream and an emergency wake the amplifier, an open line stops it',
  bound:
    'nothing of what begins while it is off or held is lost (head, tail and correlation), no frame is heard while it is muted or before it is open, lines in their order and times, the refusal in the receipt, the emergency heard in spite of the open line',
  async measure(context) {
    const folder = join(context.out, 'amplifier');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const { path, lines } = await simulatedBoard(folder);
    return withBench({ settings: { board: path } }, async (bench) => {
      const found = await amplifierTimeline(bench, lines, (line) => context.progress(line));
      await keep(context, 'amplifier-timeline', found);
      const whole = found.chirps.filter(
        ({ worst, headDb, tailDb }) => worst >= ALIKE && headDb >= HEAD_DB && tailDb >= TAIL_DB,
      );
      const least = (values: readonly number[]): string => `${Math.round(Math.min(...values))} ms`;
      return {
        measured:
          `${whole.length} of ${found.chirps.length} chirps whole, ${found.underruns} underruns (worst correlation ${Math.min(...found.chirps.map(({ worst }) => worst)).toFixed(4)}); ` +
          `${found.openings} openings, ${found.heardFrames} frames heard, ${found.heardMuted} of them muted; first sample at least ${least(found.leadMs)} after unmuting, ` +
          `last at least ${least(found.tailMs)} before muting; lines: ${found.unsafe.length === 0 ? 'in order' : found.unsafe.join('; ')}; emergency from off ` +
          `${Math.round(found.emergencyFromOffMs)} ms; open line muted after ${Math.round(found.faultToMuteMs)} ms, receipt says ${found.refusedCode ?? 'nothing'}, emergency ${found.emergencyInSpite ? '' : 'not '}heard`,
        holds:
          whole.length === found.chirps.length &&
          found.heardMuted === 0 &&
          found.heardFrames > 48_000 &&
          found.unsafe.length === 0 &&
          found.refusedCode === 'E_LINE_OPEN' &&
          found.emergencyInSpite,
      };
    });
  },
};

/** The amplifier's part of the must-show list on hardware. */
export const amplifierClaims: readonly Claim[] = [histories, judge, timeline];
