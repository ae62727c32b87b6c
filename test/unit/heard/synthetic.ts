/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Something like speech: syllables of 80 to 250 ms with a gliding voice of 100 to 220 Hz, a few harmonics and breath, with
 * pauses of up to 300 ms between some. Peaks under 0.5.
 */
export function babble(seconds: number, seed: number, rateHz = 48_000): Float32Array {
  const random = seeded(seed);
  const samples = new Float32Array(Math.round(seconds * rateHz));
  for (let at = 0; at < samples.length;) {
    const length = Math.round((0.08 + 0.17 * random()) * rateHz);
    const [from, to] = [100 + 120 * random(), 100 + 120 * random()];
    const strength = [1, random(), random(), random() / 2, random() / 2];
    const total = strength.reduce((sum, each) => sum + each, 0.2);
    let phase = 0;
    for (let k = 0; k < length && at + k < samples.length; k += 1) {
      phase += (2 * Math.PI * (from + ((to - from) * k) / length)) / rateHz;
      let value = 0.2 * (random() - 0.5);
      strength.forEach((each, i) => (value += each * Math.sin(phase * (i + 1))));
      samples[at + k] = ((0.45 * value) / total) * Math.sin((Math.PI * k) / length);
    }
    at += length + (random() < 0.2 ? Math.round(0.3 * random() * rateHz) : 0);
  }
  return samples;
}

/** White noise, ±`peak`. */
export function noise(seconds: number, seed: number, peak = 0.3, rateHz = 48_000): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length: Math.round(seconds * rateHz) }, () => (2 * random() - 1) * peak);
}

/** Several pieces of sound one after another; a number is silence of so many seconds. */
export function joined(...pieces: (Float32Array | number)[]): Float32Array {
  const parts = pieces.map((piece) =>
    typeof piece === 'number' ? new Float32Array(Math.round(piece * 48_000)) : piece,
  );
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
