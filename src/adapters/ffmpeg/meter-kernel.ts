import type { Biquad } from './k-weighting.ts';
import { createKernel, f64Const, f64x2, getLocal, i16x8, i32, i32Const, i32x4 } from './wasm-code.ts';
import { PARAMETERS, repeatWhile, setLocal, v128, type Code } from './wasm-code.ts';

/*
 * The memory: 128 bits each of what the filters remember and of what came out, and then the samples.
 */
const VECTOR_BYTES = 16;
const STATES = ['x1', 'x2', 'y1', 'y2', 'z1', 'z2'] as const;
const RESULTS = ['energy', 'peak', 'mixPeak'] as const;
const SAMPLES_AT = (STATES.length + RESULTS.length) * VECTOR_BYTES;
const SAMPLE_BYTES = 65_536;
const PAGES = 2;

const COEFFICIENTS = ['b0', 'b1', 'b2', 'a1', 'a2', 'c1', 'c2'] as const;
const TEMPORARIES = ['sample', 'x', 'y', 'z'] as const;
const LOCALS = [...STATES, ...RESULTS, ...COEFFICIENTS, ...TEMPORARIES] as const;
type Local = (typeof LOCALS)[number];

const local = (name: Local): number => Object.keys(PARAMETERS).length + LOCALS.indexOf(name);
const get = (name: Local): Code => getLocal(local(name));
const set = (name: Local, value: Code): Code => setLocal(local(name), value);
const [start, end] = [getLocal(PARAMETERS.start), getLocal(PARAMETERS.end)];

/**
 * One moment, left and right side by side. Both stages of the weighting are in direct form I, so that of what a result
 * waits for only one product is of the result before it.
 */
const MOMENT: readonly Code[] = [
  set('sample', v128.load32Zero(0, start)),
  set('x', f64x2.convertLowI32x4(i32x4.extendLowI16x8(get('sample')))),
  // y = b0 x + b1 x1 + b2 x2 - a2 y2 - a1 y1
  set(
    'y',
    f64x2.sub(
      f64x2.sub(
        f64x2.add(
          f64x2.add(f64x2.mul(get('b0'), get('x')), f64x2.mul(get('b1'), get('x1'))),
          f64x2.mul(get('b2'), get('x2')),
        ),
        f64x2.mul(get('a2'), get('y2')),
      ),
      f64x2.mul(get('a1'), get('y1')),
    ),
  ),
  // z = y2 - 2 y1 - c2 z2 + y - c1 z1
  set(
    'z',
    f64x2.sub(
      f64x2.add(
        f64x2.sub(f64x2.sub(get('y2'), f64x2.add(get('y1'), get('y1'))), f64x2.mul(get('c2'), get('z2'))),
        get('y'),
      ),
      f64x2.mul(get('c1'), get('z1')),
    ),
  ),
  set('energy', f64x2.add(get('energy'), f64x2.mul(get('z'), get('z')))),
  set('peak', i16x8.maxUnsigned(get('peak'), i16x8.abs(get('sample')))),
  set('mixPeak', i32x4.maxSigned(get('mixPeak'), i32x4.abs(i32x4.addPairsI16x8(get('sample'))))),
  ...(['x', 'y', 'z'] as const).flatMap((name) => [
    set(`${name}2`, get(`${name}1`)),
    set(`${name}1`, get(name)),
  ]),
  setLocal(PARAMETERS.start, i32.add(start, i32Const(4))),
];

function kernelCode(shelf: Biquad, pass: Biquad): Code {
  const values = {
    b0: shelf.b0,
    b1: shelf.b1,
    b2: shelf.b2,
    a1: shelf.a1,
    a2: shelf.a2,
    c1: pass.a1,
    c2: pass.a2,
  };
  const addressOf = (index: number) => index * VECTOR_BYTES;
  return [
    ...COEFFICIENTS.map((name) => set(name, f64x2.splat(f64Const(values[name])))),
    ...STATES.map((name, index) => set(name, v128.load(addressOf(index), i32Const(0)))),
    repeatWhile(MOMENT.flat(), i32.lessUnsigned(start, end)),
    ...[...STATES, ...RESULTS].map((name, index) => v128.store(addressOf(index), i32Const(0), get(name))),
  ].flat();
}

export interface MeterKernel {
  /** What the filters remember: two numbers, left and right, for each of six. */
  readonly states: Float64Array;
  /** Of the last run: sum of the squares, left and right; … */
  readonly energies: Float64Array;
  /** … highest samples, left and right; … */
  readonly peaks: Uint16Array;
  /** … and highest sum of both. */
  readonly mixPeaks: Int32Array;
  /** Where samples are put: 16 bits, left and right by turns. */
  readonly samples: Uint8Array;
  /** @param start of the samples, in bytes; before `end` */
  run(start: number, end: number): void;
}

/** The filters and the sums of the meter, two numbers at a time. */
export function createMeterKernel(shelf: Biquad, pass: Biquad): MeterKernel {
  const { memory, run } = createKernel(kernelCode(shelf, pass), LOCALS.length, PAGES);
  const resultAt = (index: number) => (STATES.length + index) * VECTOR_BYTES;
  return {
    states: new Float64Array(memory, 0, STATES.length * 2),
    energies: new Float64Array(memory, resultAt(0), 2),
    peaks: new Uint16Array(memory, resultAt(1), 2),
    mixPeaks: new Int32Array(memory, resultAt(2), 1),
    samples: new Uint8Array(memory, SAMPLES_AT, SAMPLE_BYTES),
    run: (from, until) => run(SAMPLES_AT + from, SAMPLES_AT + until),
  };
}
