import type { LinesSeen } from './line-watch.js';

/** Which bit is which line of the amplifier: of the board `qemu-virt`. */
export interface AmplifierBits {
  readonly supply: number;
  readonly line: number;
  readonly unmute: number;
}

/** A line that was set; to what it was before, too, when it is switched on. */
export interface LineEdge {
  readonly line: number;
  readonly high: boolean;
}

/** What the lines are judged by. */
export interface AmplifierQuestion {
  /** On the recording's time line, in order. */
  readonly seen: readonly LinesSeen[];
  /** Most frames between two looks, since it was switched on. */
  readonly longestFrames: number;
  /** Every change of a line since it was switched on, as QEMU told it: what was so short that no look has seen it, too. */
  readonly changes: readonly LineEdge[];
  readonly bits: AmplifierBits;
  /** The recording, and the frame from which on it is judged: silent and muted there. */
  readonly samples: Float32Array;
  readonly rateHz: number;
  readonly fromFrame: number;
  /** It may be open so long before the first sample of a play, and after the last one; milliseconds. */
  readonly leadMs: number;
  readonly tailMs: number;
}

/** How the amplifier was driven, as against what sounded. */
export interface AmplifierVerdict {
  /** How often it was opened. */
  readonly openings: number;
  /** At least so long from each opening to the first sample, and from the last sample to each muting, milliseconds. */
  readonly leadMs: readonly number[];
  readonly tailMs: readonly number[];
  /** Most that was played between two looks, milliseconds. */
  readonly blindMs: number;
  /** What was not as it must be. */
  readonly faults: readonly string[];
}

/** What QEMU plays is in its file so much later, at most: its mixing buffer and that of the file. Milliseconds. */
const LATE_MS = 100;

/**
 * Whether the amplifier was unmuted from before the first sample to after the last, and no longer than it may be; line relay and supply
 * on whenever it was, everything off at the end. Where an instant lies between two looks, the one that tells against the receiver counts. Pure.
 */
export function judgeAmplifier(question: AmplifierQuestion): AmplifierVerdict {
  const { samples, rateHz, bits, fromFrame } = question;
  const ms = (frames: number): number => (frames * 1000) / rateHz;
  const late = (LATE_MS * rateHz) / 1000;
  const faults: string[] = [];
  const seen = question.seen.filter(({ last }) => last.afterFrames >= fromFrame);
  const has = ({ value }: LinesSeen, bit: number): boolean => (value & (1 << bit)) !== 0;
  for (const one of seen) {
    if (has(one, bits.unmute) && !has(one, bits.line)) faults.push('unmuted without the line relay');
    if (has(one, bits.line) && !has(one, bits.supply)) faults.push('line relay without the supply');
  }
  const last = seen.at(-1);
  if (last === undefined) faults.push('the lines were not looked at');
  else if ([bits.supply, bits.line, bits.unmute].some((bit) => has(last, bit)))
    faults.push('not off at the end');
  const open = openings(seen, (one) => has(one, bits.unmute));
  const leadMs: number[] = [];
  const tailMs: number[] = [];
  let checkedTo = fromFrame;
  for (const { surelyFrom, surelyTo, possiblyFrom, possiblyTo } of open) {
    const from = surelyFrom + late;
    const stray = soundIn(samples, checkedTo, from);
    if (stray !== undefined) faults.push(`sound at ${(ms(stray) / 1000).toFixed(2)} s while it was muted`);
    checkedTo = Math.max(checkedTo, surelyTo);
    const firstSound = soundIn(samples, from, surelyTo);
    if (firstSound === undefined) {
      faults.push(`opened at ${(ms(surelyFrom) / 1000).toFixed(2)} s for nothing`);
      continue;
    }
    const lastSound = soundBefore(samples, from, surelyTo);
    leadMs.push(ms(firstSound - from));
    tailMs.push(ms(surelyTo - lastSound));
    const mostLeadMs = ms(firstSound - possiblyFrom);
    const mostTailMs = ms(possiblyTo + late - lastSound);
    if (mostLeadMs > question.leadMs) faults.push(`open ${mostLeadMs.toFixed(0)} ms before the first sample`);
    if (mostTailMs > question.tailMs) faults.push(`open ${mostTailMs.toFixed(0)} ms after the last sample`);
  }
  const stray = soundIn(samples, checkedTo, samples.length);
  if (stray !== undefined) faults.push(`sound at ${(ms(stray) / 1000).toFixed(2)} s while it was muted`);
  for (const name of ['supply', 'line', 'unmute'] as const) {
    const bit = bits[name];
    const told = changesOf(question.changes.filter(({ line }) => line === bit).map(({ high }) => high));
    const looked = changesOf(question.seen.map((one) => has(one, bit)));
    if (told.join() !== looked.join())
      faults.push(`${name} changed ${told.length} times, of which ${looked.length} were seen`);
  }
  const blindMs = ms(question.longestFrames);
  return { openings: open.length, leadMs, tailMs, blindMs, faults: [...new Set(faults)] };
}

/** @throws Error where it was not as it must be */
export function assertAmplifier({ faults, openings }: AmplifierVerdict): void {
  if (openings === 0) throw new Error('the amplifier was never opened');
  if (faults.length > 0) throw new Error(`amplifier: ${faults.slice(0, 4).join('; ')}`);
}

/** A line for people. */
export function amplifierText({ openings, leadMs, tailMs, blindMs }: AmplifierVerdict): string {
  return (
    `amplifier opened ${openings} times, at least ${Math.min(...leadMs).toFixed(0)} ms before the first sample, ` +
    `muted at least ${Math.min(...tailMs).toFixed(0)} ms after the last (looked at every ${blindMs.toFixed(0)} ms at most), off at the end`
  );
}

/** What a line changed to; it is low when it is switched on. */
function changesOf(values: readonly boolean[]): boolean[] {
  return values.filter((value, index) => value !== (values[index - 1] ?? false));
}

/** One time that it was open, in frames: between the looks that found it so, and at most between those that did not. */
interface Opening {
  readonly surelyFrom: number;
  readonly possiblyFrom: number;
  surelyTo: number;
  possiblyTo: number;
}

function openings(seen: readonly LinesSeen[], isOpen: (one: LinesSeen) => boolean): Opening[] {
  const found: Opening[] = [];
  seen.forEach((one, index) => {
    if (!isOpen(one)) return;
    const before = seen[index - 1];
    const after = seen[index + 1];
    const newest = found.at(-1);
    const surelyTo = one.last.beforeFrames;
    const possiblyTo = (after?.first ?? one.last).afterFrames;
    if (before !== undefined && newest !== undefined && isOpen(before))
      Object.assign(newest, { surelyTo, possiblyTo });
    else {
      const surelyFrom = one.first.afterFrames;
      found.push({
        surelyFrom,
        possiblyFrom: (before?.last ?? one.first).beforeFrames,
        surelyTo,
        possiblyTo,
      });
    }
  });
  return found;
}

function soundIn(samples: Float32Array, from: number, to: number): number | undefined {
  const end = Math.min(samples.length, Math.floor(to));
  for (let frame = Math.max(0, Math.ceil(from)); frame < end; frame += 1)
    if (samples[frame] !== 0) return frame;
  return undefined;
}

function soundBefore(samples: Float32Array, from: number, to: number): number {
  for (let frame = Math.min(samples.length, Math.floor(to)) - 1; frame >= from; frame -= 1)
    if (samples[frame] !== 0) return frame;
  return Math.ceil(from);
}
