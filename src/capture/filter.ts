/** Filter programs of the kernel (classic BPF: linux/filter.h, linux/bpf_common.h), as `tcpdump -ddd` prints them. */

/** `struct sock_filter`. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  /** Unsigned 32 bits. */
  readonly k: number;
}

export type Direction = 'both' | 'in' | 'out';

/** BPF_MAXINSNS. */
const INSTRUCTIONS_MAX = 4096;
/** Of an instruction, as the kernel takes it. */
export const INSTRUCTION_BYTES = 8;

/** BPF_LD|BPF_W|BPF_ABS, BPF_LD|BPF_W|BPF_IMM, BPF_JMP with BPF_JA, BPF_JEQ, BPF_JGT and BPF_JGE, BPF_RET|BPF_K. */
const LOAD_WORD = 0x20;
const LOAD_IMMEDIATE = 0x00;
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_MORE = 0x25;
const JUMP_IF_NOT_LESS = 0x35;
const RETURN = 0x06;
/** SKF_AD_OFF + SKF_AD_PKTTYPE: the packet's type in place of its bytes. */
const PACKET_TYPE = 0xffff_f000 + 4;
/** SKF_AD_OFF + SKF_AD_IFINDEX: the number of the packet's device. */
const DEVICE = 0xffff_f000 + 8;
/** PACKET_OUTGOING (linux/if_packet.h): the packet leaves by the device. */
const OUTGOING = 4;

/** Takes the first bytes of every packet. */
export function acceptAll(snaplenBytes: number): readonly Instruction[] {
  return [{ code: RETURN, jt: 0, jf: 0, k: snaplenBytes }];
}

/** Takes nothing. */
export const REFUSE_ALL: readonly Instruction[] = acceptAll(0);

/** Reads a program: a line with the number of instructions, then a line for each. null: the text is no program that the kernel takes. */
export function parseProgram(text: string): readonly Instruction[] | null {
  const lines = text.trim().split('\n');
  const count = Number(lines[0]);
  if (!/^\d+$/.test(lines[0] ?? '') || count < 1 || count > INSTRUCTIONS_MAX || lines.length !== count + 1) return null;
  const program: Instruction[] = [];
  for (const line of lines.slice(1)) {
    const [, code, jt, jf, k] = /^(\d{1,5}) (\d{1,3}) (\d{1,3}) (\d{1,10})$/.exec(line) ?? [];
    const read = { code: Number(code), jt: Number(jt), jf: Number(jf), k: Number(k) };
    const isFit = read.code <= 0xffff && read.jt <= 0xff && read.jf <= 0xff && read.k <= 0xffff_ffff;
    if (!isFit) return null;
    program.push(read);
  }
  return program;
}

/** The program for packets of one direction, seen from the device. Jumps are relative, so a program can stand behind others. */
export function inDirection(program: readonly Instruction[], direction: Direction): readonly Instruction[] {
  if (direction === 'both') return program;
  const [jt, jf] = direction === 'out' ? [1, 0] : [0, 1];
  return [
    { code: LOAD_WORD, jt: 0, jf: 0, k: PACKET_TYPE },
    { code: JUMP_IF_EQUAL, jt, jf, k: OUTGOING },
    ...REFUSE_ALL,
    // Programs begin with an accumulator of zero.
    { code: LOAD_IMMEDIATE, jt: 0, jf: 0, k: 0 },
    ...program,
  ];
}

/** Instructions for one run of devices whose numbers follow each other. */
const RUN_INSTRUCTIONS = 3;
/** Those before and after the runs. */
const FRAME_INSTRUCTIONS = 3;

/** How many runs of devices `onDevices` can put before such a program. */
export function runsMax(program: Uint8Array): number {
  const left = INSTRUCTIONS_MAX - program.length / INSTRUCTION_BYTES - FRAME_INSTRUCTIONS;
  return Math.max(1, Math.floor(left / RUN_INSTRUCTIONS));
}

/** The program, as the kernel takes it, for packets of these devices of a namespace alone. */
export function onDevices(program: Uint8Array, ifindexes: readonly number[]): Uint8Array {
  const runs: { from: number; to: number }[] = [];
  for (const ifindex of ifindexes.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && ifindex <= last.to + 1) last.to = ifindex;
    else runs.push({ from: ifindex, to: ifindex });
  }
  const tests = runs.flatMap(({ from, to }, index) => [
    { code: JUMP_IF_NOT_LESS, jt: 0, jf: 2, k: from },
    { code: JUMP_IF_MORE, jt: 1, jf: 0, k: to },
    // Over the other runs and the refusal. Only this jump can be a long one.
    { code: JUMP, jt: 0, jf: 0, k: (runs.length - 1 - index) * RUN_INSTRUCTIONS + 1 },
  ]);
  const before = [
    { code: LOAD_WORD, jt: 0, jf: 0, k: DEVICE },
    ...tests,
    ...REFUSE_ALL,
    // Programs begin with an accumulator of zero.
    { code: LOAD_IMMEDIATE, jt: 0, jf: 0, k: 0 },
  ];
  return Buffer.concat([encodeProgram(before), program]);
}

/** The program as the kernel takes it. */
export function encodeProgram(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES);
  program.forEach(({ code, jt, jf, k }, index) => {
    const at = index * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(jt, at + 2);
    bytes.writeUInt8(jf, at + 3);
    bytes.writeUInt32LE(k, at + 4);
  });
  return bytes;
}
