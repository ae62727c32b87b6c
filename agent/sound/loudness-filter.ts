/**
 * The K-weighting of ITU-R BS.1770-4, annex 1, for 48 kHz: a shelf for the head, then a high pass. Keeps its state between
 * calls.
 */
export class LoudnessFilter {
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;
  #z1 = 0;
  #z2 = 0;

  /** The energy of samples as the ear weighs them: the sum of the squares of the weighted levels. */
  energyOf(samples: Int16Array): number {
    let x1 = this.#x1;
    let x2 = this.#x2;
    let y1 = this.#y1;
    let y2 = this.#y2;
    let z1 = this.#z1;
    let z2 = this.#z2;
    let energy = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const x = (samples[i] as number) / 32_768;
      const y =
        1.53512485958697 * x -
        2.69169618940638 * x1 +
        1.19839281085285 * x2 +
        1.69065929318241 * y1 -
        0.73248077421585 * y2;
      const z = y - 2 * y1 + y2 + 1.99004745483398 * z1 - 0.99007225036621 * z2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      z2 = z1;
      z1 = z;
      energy += z * z;
    }
    // What has faded beyond any use would be counted in denormal numbers, which are slow.
    if (Math.abs(z1) < 1e-20) z1 = z2 = 0;
    if (Math.abs(y1) < 1e-20) y1 = y2 = 0;
    this.#x1 = x1;
    this.#x2 = x2;
    this.#y1 = y1;
    this.#y2 = y2;
    this.#z1 = z1;
    this.#z2 = z2;
    return energy;
  }
}

/** Loudness of one channel from its mean weighted energy, LUFS (ITU-R BS.1770-4, equation 2). */
export function lufsOf(meanEnergy: number): number {
  return -0.691 + 10 * Math.log10(meanEnergy);
}
