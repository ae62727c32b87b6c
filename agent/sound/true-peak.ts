/**
 * The interpolating filter of ITU-R BS.1770-4, annex 2: four phases of twelve taps, for a fourfold rate. The third and fourth
 * phases are the first two turned round.
 */
const FIRST: readonly number[] = [
  0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625,
  0.97216796875, -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125,
];
const SECOND: readonly number[] = [
  -0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625, 0.77978515625,
  -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375,
];

/** Taps of one phase. */
export const TRUE_PEAK_TAPS = FIRST.length;
/** A true peak is known so many frames after its place: the filter looks to both sides. */
export const TRUE_PEAK_DELAY = TRUE_PEAK_TAPS / 2;
/** How much higher than the highest sample among its taps a true peak can be: the sum of the taps' magnitudes. */
export const TRUE_PEAK_MOST = SECOND.reduce((sum, tap) => sum + Math.abs(tap), 0);

/**
 * The highest level between and at the frames around `at`, linear.
 * @param frames at least {@link TRUE_PEAK_TAPS} frames before and with `at`
 * @param at the newest frame; the peak is that of the frame {@link TRUE_PEAK_DELAY} before it
 */
export function truePeakAt(frames: Float32Array, at: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < TRUE_PEAK_TAPS; k += 1) {
    const early = frames[at - k] as number;
    const first = FIRST[k] as number;
    const second = SECOND[k] as number;
    a += early * first;
    b += early * second;
    const late = frames[at - TRUE_PEAK_TAPS + 1 + k] as number;
    c += late * second;
    d += late * first;
  }
  const here = Math.abs(frames[at - TRUE_PEAK_DELAY] as number);
  return Math.max(here, Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
}
