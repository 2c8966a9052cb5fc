/** ITU-R BS.1770-5, annex 1: what a sound counts for loudness, by its frequency; in two channels. */

/** Of a second-order filter. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * Both stages for any sampling rate: the standard has their coefficients for 48 kHz only. These are the analog
 * prototypes behind them (B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018).
 */
export function highShelf(sampleRateHz: number): Biquad {
  const gain = 10 ** (3.999843853973347 / 20);
  const [k, q] = [Math.tan((Math.PI * 1681.974450955533) / sampleRateHz), 0.7071752369554196];
  const band = gain ** 0.4996667741545416;
  const scale = 1 + k / q + k * k;
  return {
    b0: (gain + (band * k) / q + k * k) / scale,
    b1: (2 * (k * k - gain)) / scale,
    b2: (gain - (band * k) / q + k * k) / scale,
    a1: (2 * (k * k - 1)) / scale,
    a2: (1 - k / q + k * k) / scale,
  };
}

export function highPass(sampleRateHz: number): Biquad {
  const [k, q] = [Math.tan((Math.PI * 38.13547087602444) / sampleRateHz), 0.5003270373238773];
  const scale = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / scale, a2: (1 - k / q + k * k) / scale };
}
