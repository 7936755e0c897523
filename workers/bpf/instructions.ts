/**
 * A small assembler: instructions of BPF as data, with names, and labels to jump to (linux/bpf.h, linux/bpf_common.h; the kernel's
 * Documentation/bpf/standardization/instruction-set.rst).
 */

/** Classes, modes and operations, added up to operation codes. */
const CODE = {
  /** BPF_LDX | BPF_MEM | BPF_W. */
  load32: 0x61,
  /** BPF_STX | BPF_MEM | BPF_W. */
  store32: 0x63,
  /** BPF_ALU64 | BPF_MOV, of a register and of a number. */
  move: 0xbf,
  set: 0xb7,
  /** BPF_ALU64 | BPF_ADD, of a number. */
  add: 0x07,
  /** BPF_LD | BPF_DW | BPF_IMM, with BPF_PSEUDO_MAP_FD as source: a map. Two instructions long. */
  map: 0x18,
  /** BPF_JMP | BPF_CALL, BPF_JEQ, BPF_JNE, BPF_JA and BPF_EXIT. */
  call: 0x85,
  ifEqual: 0x15,
  ifOther: 0x55,
  jump: 0x05,
  exit: 0x95,
} as const;

const BPF_PSEUDO_MAP_FD = 1;
const INSTRUCTION_BYTES = 8;

/** A register: R0 has results, R1 to R5 arguments, R6 to R9 survive calls, R10 is the end of the stack. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export interface Instruction {
  readonly code: number;
  readonly to: Register;
  readonly from: number;
  readonly offset: number;
  readonly number: number;
  /** The label that it jumps to; null: it jumps to none. */
  readonly target: string | null;
}

export type Line = Instruction | { readonly label: string };

function line(code: number, more: Partial<Instruction>): Instruction {
  return { code, to: 0, from: 0, offset: 0, number: 0, target: null, ...more };
}

/** `to = *(u32 *)(from + offset)`. */
export function load32(to: Register, from: Register, offset: number): Line {
  return line(CODE.load32, { to, from, offset });
}

/** `*(u32 *)(to + offset) = from`. */
export function store32(to: Register, offset: number, from: Register): Line {
  return line(CODE.store32, { to, from, offset });
}

/** `to = from + plus`. */
export function move(to: Register, from: Register, plus = 0): Line[] {
  const moved = line(CODE.move, { to, from });
  return plus === 0 ? [moved] : [moved, line(CODE.add, { to, number: plus })];
}

/** `to = number`. */
export function set(to: Register, number: number): Line {
  return line(CODE.set, { to, number });
}

/** `to` = the map of a descriptor. */
export function loadMap(to: Register, fd: number): Line[] {
  return [line(CODE.map, { to, from: BPF_PSEUDO_MAP_FD, number: fd }), line(0, {})];
}

/** Calls a helper of the kernel by its number (enum bpf_func_id): R1 to R5 are gone, R0 has its result. */
export function call(helper: number): Line {
  return line(CODE.call, { number: helper });
}

/** Goes on at `target` if a register has the number. */
export function ifEqual(to: Register, number: number, target: string): Line {
  return line(CODE.ifEqual, { to, number, target });
}

/** Goes on at `target` if a register has another number. */
export function ifOther(to: Register, number: number, target: string): Line {
  return line(CODE.ifOther, { to, number, target });
}

/** Ends the program; its result is in R0. */
export function exit(): Line {
  return line(CODE.exit, {});
}

/** A place to jump to. */
export function label(name: string): Line {
  return { label: name };
}

/** The bytes of a program. Throws TypeError for a jump to a label that is not there. */
export function assemble(lines: readonly Line[]): ArrayBuffer {
  const places = new Map<string, number>();
  const instructions: Instruction[] = [];
  for (const one of lines) {
    if ('label' in one) places.set(one.label, instructions.length);
    else instructions.push(one);
  }
  const bytes = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_BYTES));
  for (const [at, { code, to, from, offset, number, target }] of instructions.entries()) {
    const place = target === null ? null : places.get(target);
    if (place === undefined) throw new TypeError(`no label ${target} in the program`);
    const start = at * INSTRUCTION_BYTES;
    bytes.setUint8(start, code);
    bytes.setUint8(start + 1, to | (from << 4));
    // A jump is counted from the instruction after it.
    bytes.setInt16(start + 2, place === null ? offset : place - at - 1, true);
    bytes.setInt32(start + 4, number, true);
  }
  return bytes.buffer;
}
