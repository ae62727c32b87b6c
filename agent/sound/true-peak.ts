/** Taps of one phase. */
export const TRUE_PEAK_TAPS = 12;
/** A true peak is known so many frames after its place: the filter looks to both sides. */
export const TRUE_PEAK_DELAY = TRUE_PEAK_TAPS / 2;
/** How much higher than the highest sample among its taps a true peak can be: the sum of the taps' magnitudes. */
export const TRUE_PEAK_MOST = 2.0228271484375;

/**
 * By the interpolating filter of ITU-R BS.1770-4, annex 2: four phases of twelve taps, for a fourfold rate; the third and fourth are
 * the first two turned round. Written out: it runs for each loud sample.
 *
 * The highest level between and at the frames around `at`, linear.
 * @param frames at least {@link TRUE_PEAK_TAPS} frames before and with `at`
 * @param at the newest frame; the peak is that of the frame {@link TRUE_PEAK_DELAY} before it
 */
export function truePeakAt(frames: Float32Array, at: number): number {
  const x0 = frames[at] as number;
  const x1 = frames[at - 1] as number;
  const x2 = frames[at - 2] as number;
  const x3 = frames[at - 3] as number;
  const x4 = frames[at - 4] as number;
  const x5 = frames[at - 5] as number;
  const x6 = frames[at - 6] as number;
  const x7 = frames[at - 7] as number;
  const x8 = frames[at - 8] as number;
  const x9 = frames[at - 9] as number;
  const x10 = frames[at - 10] as number;
  const x11 = frames[at - 11] as number;
  const a =
    0.001708984375 * x0 +
    0.010986328125 * x1 -
    0.0196533203125 * x2 +
    0.033203125 * x3 -
    0.0594482421875 * x4 +
    0.1373291015625 * x5 +
    0.97216796875 * x6 -
    0.102294921875 * x7 +
    0.047607421875 * x8 -
    0.026611328125 * x9 +
    0.014892578125 * x10 -
    0.00830078125 * x11;
  const b =
    -0.0291748046875 * x0 +
    0.029296875 * x1 -
    0.0517578125 * x2 +
    0.089111328125 * x3 -
    0.16650390625 * x4 +
    0.465087890625 * x5 +
    0.77978515625 * x6 -
    0.2003173828125 * x7 +
    0.1015625 * x8 -
    0.0582275390625 * x9 +
    0.0330810546875 * x10 -
    0.0189208984375 * x11;
  const c =
    -0.0291748046875 * x11 +
    0.029296875 * x10 -
    0.0517578125 * x9 +
    0.089111328125 * x8 -
    0.16650390625 * x7 +
    0.465087890625 * x6 +
    0.77978515625 * x5 -
    0.2003173828125 * x4 +
    0.1015625 * x3 -
    0.0582275390625 * x2 +
    0.0330810546875 * x1 -
    0.0189208984375 * x0;
  const d =
    0.001708984375 * x11 +
    0.010986328125 * x10 -
    0.0196533203125 * x9 +
    0.033203125 * x8 -
    0.0594482421875 * x7 +
    0.1373291015625 * x6 +
    0.97216796875 * x5 -
    0.102294921875 * x4 +
    0.047607421875 * x3 -
    0.026611328125 * x2 +
    0.014892578125 * x1 -
    0.00830078125 * x0;
  const here = Math.abs(x6);
  return Math.max(here, Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
}
