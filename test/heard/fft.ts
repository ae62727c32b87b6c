/** The smallest power of two that is at least `length`. */
export function powerOfTwo(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, length)));
}

/** In-place complex FFT (radix 2) of a power of two of points; not scaled. */
export function fft(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  reverseBits(re, im);
  const cos = new Float64Array(size / 2);
  const sin = new Float64Array(size / 2);
  for (let k = 0; k < size / 2; k += 1) {
    cos[k] = Math.cos((2 * Math.PI * k) / size);
    sin[k] = -Math.sin((2 * Math.PI * k) / size);
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0, a = start, b = start + half; k < half; k += 1, a += 1, b += 1) {
        const c = cos[k * stride]!;
        const s = sin[k * stride]!;
        const x = re[b]! * c - im[b]! * s;
        const y = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a] = re[a]! + x;
        im[a] = im[a]! + y;
      }
    }
  }
}

/**
 * The cross-correlation of two real signals, for every lag: element `lag >= 0` is Σ a[n + lag]·b[n]; negative lags count
 * from the end of the array, whose length is a power of two of at least a.length + b.length.
 */
export function crossCorrelation(a: Float32Array, b: Float32Array): Float64Array {
  const size = powerOfTwo(a.length + b.length);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(a);
  im.set(b);
  fft(re, im);
  // Both signals were transformed at once, as a + ib: A = (Z[k] + conj Z[-k]) / 2, B = (Z[k] - conj Z[-k]) / 2i.
  const crossRe = new Float64Array(size);
  const crossIm = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    const mirror = (size - k) % size;
    const aRe = (re[k]! + re[mirror]!) / 2;
    const aIm = (im[k]! - im[mirror]!) / 2;
    const bRe = (im[k]! + im[mirror]!) / 2;
    const bIm = (re[mirror]! - re[k]!) / 2;
    // A · conj B, conjugated, so that a forward transform does the work of the inverse one.
    crossRe[k] = aRe * bRe + aIm * bIm;
    crossIm[k] = -(aIm * bRe - aRe * bIm);
  }
  fft(crossRe, crossIm);
  for (let lag = 0; lag < size; lag += 1) crossRe[lag] = crossRe[lag]! / size;
  return crossRe;
}

function reverseBits(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
}
