/** Sound inside Loa: one channel, 48 000 frames a second. A horn loudspeaker line is one channel. */
export const RATE_HZ = 48_000;

/** Decibels relative to full scale of a linear level (1 = full scale); −Infinity for silence. */
export function toDb(level: number): number {
  return 20 * Math.log10(level);
}

/** Linear factor of a gain in decibels. */
export function fromDb(db: number): number {
  return 10 ** (db / 20);
}

/** Whole frames in `durationMs` at {@link RATE_HZ}. */
export function framesOf(durationMs: number): number {
  return Math.round((durationMs * RATE_HZ) / 1000);
}

/** Milliseconds that `frames` last at {@link RATE_HZ}. */
export function msOf(frames: number): number {
  return (frames * 1000) / RATE_HZ;
}
