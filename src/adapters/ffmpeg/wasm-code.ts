/**
 * As much of WebAssembly's binary format as a kernel needs: a module with one memory and one function `run(start, end)`.
 * Code is bytes; an operation takes the code of its operands and has theirs before its own.
 * WebAssembly Core Specification 2.0, chapter 5.
 */
export type Code = readonly number[];

/** Section 5.3: types by their bytes. */
const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;
const NO_RESULT = 0x40;
/** Section 5.4.1: control. */
const LOOP = 0x03;
const END = 0x0b;
const BRANCH_IF = 0x0d;
/** What operations on 128 bits begin with. */
const VECTOR = 0xfd;

/** Section 5.2.2: seven bits a byte, the lowest first. */
function leb(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

const operation =
  (...opcode: Code) =>
  (...operands: readonly Code[]): Code => [...operands.flat(), ...opcode];
const vector = (opcode: number) => operation(VECTOR, ...leb(opcode));

/** Of memory: 2 ** alignment bytes, so far behind the address. */
const vectorAt =
  (opcode: number, alignment: number) =>
  (offset: number, ...operands: readonly Code[]): Code => [
    ...operands.flat(),
    ...[VECTOR, ...leb(opcode), alignment, ...leb(offset)],
  ];

/** Section 5.4.7, by the names of the text format. */
export const v128 = {
  load: vectorAt(0, 4),
  /** The first 32 bits; the others are 0. */
  load32Zero: vectorAt(0x5c, 2),
  store: vectorAt(11, 4),
};
export const f64x2 = {
  splat: vector(0x14),
  add: vector(0xf0),
  sub: vector(0xf1),
  mul: vector(0xf2),
  /** Of the two lower ones of four integers. */
  convertLowI32x4: vector(0xfe),
};
export const i16x8 = { abs: vector(0x80), maxUnsigned: vector(0x99) };
export const i32x4 = {
  abs: vector(0xa0),
  maxSigned: vector(0xb8),
  /** Sums of neighbours. */
  addPairsI16x8: vector(0x7e),
  extendLowI16x8: vector(0xa7),
};
export const i32 = { add: operation(0x6a), lessUnsigned: operation(0x49) };

export const i32Const = (value: number): Code => [0x41, ...leb(value)];

export function f64Const(value: number): Code {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [0x44, ...bytes];
}

export const getLocal = (local: number): Code => [0x20, ...leb(local)];
export const setLocal = (local: number, value: Code): Code => [...value, 0x21, ...leb(local)];

/** Does it once, and again as long as `condition` holds. */
export const repeatWhile = (body: Code, condition: Code): Code => [
  ...[LOOP, NO_RESULT, ...body],
  ...[...condition, BRANCH_IF, 0, END],
];

/** The parameters of the function are its first locals; those after them are of 128 bits, and begin as 0. */
export const PARAMETERS = { start: 0, end: 1 } as const;

/** What is used here of what every engine has; the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

export interface Kernel {
  readonly memory: ArrayBuffer;
  readonly run: (start: number, end: number) => void;
}

/** Section 5.5: the whole module. Its memory has so many pages of 64 KiB. */
export function createKernel(body: Code, vectorLocals: number, pages: number): Kernel {
  const section = (id: number, content: Code) => [id, ...leb(content.length), ...content];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const code = [1, ...leb(vectorLocals), V128, ...body, END];
  const bytes = Uint8Array.from([
    ...[...new TextEncoder().encode('\0asm'), 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...leb(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('run'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports['memory'] as { readonly buffer: ArrayBuffer };
  return { memory: buffer, run: exports['run'] as Kernel['run'] };
}
