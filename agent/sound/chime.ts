import { framesOf, RATE_HZ } from '../core/units.js';

/** The sounds that are on every device. */
export type StoredName = 'chime' | 'siren';

const BLOCK_FRAMES = 480;
const PEAK = 0.35;

/**
 * Makes a stored sound: the chime that comes before an emergency (three bells, 1.8 s), or a siren (a tone that rises
 * and falls twice, 4 s). Whole blocks of 10 ms, peak 0.35, faded at both ends.
 */
export function storedSound(name: StoredName): Float32Array {
  return name === 'chime' ? madeChime() : madeSiren();
}

/** A constant that takes some 20 ms to work out, which an emergency must not wait for. Nobody writes into it. */
const madeChime = once(chime);
const madeSiren = once(siren);

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/**
 * A test tone, or a sweep: the phase of one whose frequency grows by the same ratio in the same time (exponential sweep).
 * @param frequencyHz 50 to 8 000
 * @param durationMs at most 30 000
 * @param level linear peak, 0 to 0.1 (−20 dB)
 * @param toHz the frequency at its end, 50 to 8 000; the same where left out
 */
export function tone(
  frequencyHz: number,
  durationMs: number,
  level: number,
  toHz = frequencyHz,
): Float32Array {
  const frames = new Float32Array(wholeBlocks(durationMs));
  const growth = Math.log(toHz / frequencyHz);
  for (let i = 0; i < frames.length; i += 1) {
    // Cycles so far: the integral of f·e^(growth·i/length).
    const share = growth === 0 ? i : (Math.expm1((growth * i) / frames.length) * frames.length) / growth;
    frames[i] = level * edge(i, frames.length) * Math.sin((2 * Math.PI * frequencyHz * share) / RATE_HZ);
  }
  return frames;
}

function chime(): Float32Array {
  const notesHz = [659.26, 523.25, 783.99];
  const apart = framesOf(500);
  const frames = new Float32Array(wholeBlocks(1_800));
  notesHz.forEach((hz, note) => {
    for (let i = note * apart; i < frames.length; i += 1) {
      const t = (i - note * apart) / RATE_HZ;
      const bell =
        Math.sin(2 * Math.PI * hz * t) + 0.4 * Math.sin(2 * Math.PI * hz * 2.76 * t) * Math.exp(-6 * t);
      frames[i] =
        (frames[i] ?? 0) + (PEAK / 2.2) * bell * Math.exp(-4 * t) * edge(i - note * apart, Infinity);
    }
  });
  for (let i = 0; i < frames.length; i += 1) frames[i] = (frames[i] ?? 0) * edge(i, frames.length);
  return frames;
}

function siren(): Float32Array {
  const frames = new Float32Array(wholeBlocks(4_000));
  let phase = 0;
  for (let i = 0; i < frames.length; i += 1) {
    const hz = 700 + 300 * Math.sin((2 * Math.PI * i) / RATE_HZ / 2 - Math.PI / 2);
    phase += (2 * Math.PI * hz) / RATE_HZ;
    frames[i] = PEAK * Math.sin(phase) * edge(i, frames.length);
  }
  return frames;
}

function wholeBlocks(durationMs: number): number {
  return Math.ceil(framesOf(durationMs) / BLOCK_FRAMES) * BLOCK_FRAMES;
}

function edge(at: number, length: number): number {
  return Math.min(1, at / 240, (length - at) / 240);
}
