import { readBoard } from '../../hardware/boards/read-board.js';
import { assertAmplifier, judgeAmplifier, type AmplifierVerdict } from './amplifier-lines.js';
import { BOARD, SOUND } from './enrolment.js';
import type { Stage } from './stage.js';

/** A bulletin may be silent at its head and tail: what is at most so soft that it is digital silence. Milliseconds. */
const SILENT_EDGE_MS = 250;
/** What a slow player adds. Milliseconds. */
const SPARE_MS = 250;

/** Waits until the amplifier is off again, and judges how it was driven since `fromFrame`. @throws where it was not as it must be */
export async function amplifierSince(stage: Stage, fromFrame: number): Promise<AmplifierVerdict> {
  const { amplifier } = await readBoard(BOARD);
  if (amplifier === undefined) throw new Error(`no amplifier on the board ${BOARD}`);
  const { supply, line, unmute, times } = amplifier;
  const bits = { supply: bitOf(supply), line: bitOf(line), unmute: bitOf(unmute) };
  const all = Object.values(bits).reduce((sum, bit) => sum + (1 << bit), 0);
  const { lines } = stage.machine;
  await stage.until(
    'the amplifier is off',
    () => ((lines.seen.at(-1)?.value ?? 0) & all) === 0,
    times.tailMs + times.fadeMs + times.holdMs + times.standbyMs + 5_000,
  );
  const { samples, rateHz } = await stage.machine.heard();
  const verdict = judgeAmplifier({
    ...{
      seen: lines.seen,
      longestFrames: lines.longestFrames,
      changes: await stage.machine.lineChanges(),
      bits,
      samples,
      rateHz,
      fromFrame,
    },
    // What is let through goes behind the silence that the card still holds.
    leadMs: times.unmuteMs + SOUND.bufferMs + SOUND.leadMs + SILENT_EDGE_MS + SPARE_MS,
    // It waits for the tail, and then until what was written has been heard.
    tailMs: times.tailMs + SOUND.bufferMs + SOUND.leadMs + SILENT_EDGE_MS + SPARE_MS,
  });
  stage.figures.amplifier.push(verdict);
  assertAmplifier(verdict);
  return verdict;
}

function bitOf(line: { readonly line: number | string } | undefined): number {
  if (typeof line?.line !== 'number') throw new Error('a line of the amplifier without a number');
  return line.line;
}
