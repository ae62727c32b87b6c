/** One sample of a soak. */
export interface SoakSample {
  /** Hours since its begin. */
  readonly hours: number;
  readonly ussMb: number;
  readonly descriptors: number;
  readonly processes: number;
  readonly plays: number;
}

/** A line through samples by least squares: MB an hour. NaN of fewer than two. */
export function slopeMbPerHour(samples: readonly Pick<SoakSample, 'hours' | 'ussMb'>[]): number {
  const count = samples.length;
  const meanHours = samples.reduce((sum, { hours }) => sum + hours, 0) / count;
  const meanMb = samples.reduce((sum, { ussMb }) => sum + ussMb, 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const { hours, ussMb } of samples) {
    covariance += (hours - meanHours) * (ussMb - meanMb);
    variance += (hours - meanHours) ** 2;
  }
  return count < 2 ? NaN : covariance / variance;
}

/** Samples after the warm-up: the first quarter of an hour, or the first quarter of a run shorter than an hour. */
export function afterWarmUp(samples: readonly SoakSample[]): SoakSample[] {
  const wholeHours = samples.at(-1)?.hours ?? 0;
  const warmUpHours = Math.min(0.25, wholeHours / 4);
  return samples.filter(({ hours }) => hours >= warmUpHours);
}
