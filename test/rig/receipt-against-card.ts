import type { Receipt } from '../../protocols/messages/up.js';
import { longestHoleMs, peakOf, toneShare } from '../heard/transitions.js';
import { monotonicMs, type Heard } from './card-record.js';

/** A window of 20 ms of what was heard. */
export interface Sounding {
  readonly fromMs: number;
  readonly toMs: number;
  /** Above −50 dBFS throughout. */
  readonly sounds: boolean;
  /** The tone and nothing else. */
  readonly isTone: boolean;
}

const WINDOW_MS = 20;

/** Cuts what was heard into windows of 20 ms and says of each whether it sounds, and whether it is the tone. */
export function soundingOf(heard: Heard, toneHz: number): Sounding[] {
  const { samples, rateHz, fromMs } = heard;
  const size = Math.round((rateHz * WINDOW_MS) / 1000);
  const windows: Sounding[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    const window = samples.subarray(at, at + size);
    const sounds = peakOf(window) > 0.003 && longestHoleMs(window, rateHz) === 0;
    windows.push({
      fromMs: fromMs + (at * 1000) / rateHz,
      toMs: fromMs + ((at + size) * 1000) / rateHz,
      sounds,
      isTone: sounds && toneShare(window, toneHz, rateHz) > 0.9,
    });
  }
  return windows;
}

/** What a receipt says less what the card's record shows, milliseconds. */
export interface ReceiptOff {
  /** Of all that was heard together. */
  readonly lengthMs: number;
  /** Of the instant of the first sample. */
  readonly beginMs: number;
}

const LOUD = 0.003;
const STEP_MS = 1;

/**
 * Compares a receipt with the record of a card on which its play, an unbroken sound, was alone: the time that it was heard,
 * counted in milliseconds that hold a sample above −50 dBFS, and its first instant. `NaN` where one of them has none.
 */
export function receiptAgainstCard(receipt: Receipt, heard: Heard): ReceiptOff {
  const { body } = receipt;
  const { samples, rateHz, fromMs } = heard;
  const step = Math.round((rateHz * STEP_MS) / 1000);
  let loudMs = 0;
  for (let at = 0; at < samples.length; at += step)
    if (peakOf(samples, at, at + step) > LOUD) loudMs += STEP_MS;
  const first = samples.findIndex((sample) => Math.abs(sample) > LOUD);
  const wallOffsetMs = Date.now() - monotonicMs();
  const saidMs = Date.parse(body.spans[0]?.fromAt ?? body.firstSampleAt ?? '') - wallOffsetMs;
  return {
    lengthMs: body.framesHeard / 48 - loudMs,
    beginMs: first < 0 ? NaN : saidMs - (fromMs + (first * 1000) / rateHz),
  };
}
