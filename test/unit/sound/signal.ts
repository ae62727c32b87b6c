/** Frames of a sine, amplitude 0.5. */
export function sine(hz: number, rateHz: number, frames: number, fromFrame = 0): Float32Array {
  return Float32Array.from(
    { length: frames },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * (i + fromFrame)) / rateHz),
  );
}

/** How far `heard` is from `wanted`, as the ratio of their energies in dB: larger is nearer. */
export function snrDb(heard: Float32Array, wanted: Float32Array): number {
  let signal = 0;
  let noise = 0;
  wanted.forEach((value, i) => {
    signal += value ** 2;
    noise += (value - (heard[i] ?? 0)) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

/** One array of many. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Numbers 0 ≤ x < 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
