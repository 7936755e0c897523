/**
 * `bpf/` loads programs into the kernel and reads and writes their maps, by bpf(2). Programs are instructions that are written here
 * as data; no compiler and no file of objects takes part. Nothing is pinned: a program lives as long as a filter has it, and its maps
 * as long as the program.
 *
 * This file: bpf(2)'s commands (linux/bpf.h, enum bpf_cmd and union bpf_attr). All need CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN;
 * to find a program or a map by its id takes CAP_SYS_ADMIN.
 */
import { addressOf, bpf, close } from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';

const COMMAND = {
  BPF_MAP_CREATE: 0,
  BPF_MAP_LOOKUP_ELEM: 1,
  BPF_MAP_UPDATE_ELEM: 2,
  BPF_MAP_DELETE_ELEM: 3,
  BPF_PROG_LOAD: 5,
  BPF_PROG_TEST_RUN: 10,
  BPF_PROG_GET_NEXT_ID: 11,
  BPF_PROG_GET_FD_BY_ID: 13,
  BPF_MAP_GET_FD_BY_ID: 14,
  BPF_OBJ_GET_INFO_BY_FD: 15,
  BPF_MAP_LOOKUP_BATCH: 24,
} as const;

const BPF_MAP_TYPE_HASH = 1;
/** Memory is taken for an entry when it is written. */
const BPF_F_NO_PREALLOC = 1;
const BPF_PROG_TYPE_SCHED_CLS = 3;
/** Room for what the verifier says; the last of it is what matters. */
const LOG_BYTES = 64 * 1024;
const LOG_SHOWN = 600;

/** Fields of a `union bpf_attr`, by their offset: numbers of 32 bits, and buffers, whose addresses have 64. */
interface Fields {
  readonly u32?: Readonly<Record<number, number>>;
  readonly pointers?: Readonly<Record<number, ArrayBuffer>>;
}

/** Returns the call's result or the negative errno, and the attributes as the kernel left them. */
function call(command: keyof typeof COMMAND, size: number, { u32 = {}, pointers = {} }: Fields) {
  const attributes = new DataView(new ArrayBuffer(size));
  for (const [at, value] of Object.entries(u32)) attributes.setUint32(Number(at), value, true);
  for (const [at, buffer] of Object.entries(pointers)) attributes.setBigUint64(Number(at), addressOf(buffer), true);
  return { result: bpf(COMMAND[command], new Uint8Array(attributes.buffer)), attributes };
}

function wanted(command: keyof typeof COMMAND, subject: string, size: number, fields: Fields): number {
  const { result } = call(command, size, fields);
  if (result < 0) throw new SystemFault(command, subject, -result);
  return result;
}

/** A descriptor of a map or of a program. */
export class BpfObject {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}

export interface MapShape {
  /** At most 15 of letters, digits, `_` and `.` (BPF_OBJ_NAME_LEN). */
  readonly name: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
}

/** Makes an empty hash. Throws SystemFault. */
export function createHash({ name, keyBytes, valueBytes }: MapShape, entriesMax: number): BpfObject {
  const attributes = new DataView(new ArrayBuffer(48));
  for (const [at, value] of [BPF_MAP_TYPE_HASH, keyBytes, valueBytes, entriesMax, BPF_F_NO_PREALLOC].entries())
    attributes.setUint32(at * 4, value, true);
  const bytes = new Uint8Array(attributes.buffer);
  // map_name.
  bytes.set(Buffer.from(name, 'ascii'), 28);
  const fd = bpf(COMMAND.BPF_MAP_CREATE, bytes);
  if (fd < 0) throw new SystemFault('BPF_MAP_CREATE', name, -fd);
  return new BpfObject(fd);
}

/** Loads a program for packets (BPF_PROG_TYPE_SCHED_CLS). Throws SystemFault, with the end of what the verifier says. */
export function loadClassifier(name: string, instructions: ArrayBuffer): BpfObject {
  // For helpers that every program may call the licence is not looked at.
  const licence = bufferOf(Buffer.from('Apache-2.0\0', 'ascii'));
  const u32 = { 0: BPF_PROG_TYPE_SCHED_CLS, 4: instructions.byteLength / 8 };
  const pointers = { 8: instructions, 16: licence };
  const quiet = call('BPF_PROG_LOAD', 64, { u32, pointers }).result;
  if (quiet >= 0) return new BpfObject(quiet);
  const log = new ArrayBuffer(LOG_BYTES);
  const told = { u32: { ...u32, 24: 1, 28: LOG_BYTES }, pointers: { ...pointers, 32: log } };
  const { result } = call('BPF_PROG_LOAD', 64, told);
  if (result >= 0) return new BpfObject(result);
  throw new SystemFault('BPF_PROG_LOAD', name, -result, endOf(log));
}

function endOf(log: ArrayBuffer): string {
  const bytes = Buffer.from(log);
  const end = bytes.indexOf(0);
  const text = bytes.toString('latin1', 0, end < 0 ? bytes.length : end).trim();
  return text === '' ? '' : `the verifier says: ${text.slice(-LOG_SHOWN).replaceAll('\n', ' | ')}`;
}

/** Writes an entry, new or not. Throws SystemFault: E2BIG if the map is full. */
export function update(map: BpfObject, subject: string, key: ArrayBuffer, value: ArrayBuffer): void {
  wanted('BPF_MAP_UPDATE_ELEM', subject, 32, { u32: { 0: map.fd }, pointers: { 8: key, 16: value } });
}

/** Deletes an entry. One that is not there is no failure. Throws SystemFault. */
export function remove(map: BpfObject, subject: string, key: ArrayBuffer): void {
  const { result } = call('BPF_MAP_DELETE_ELEM', 32, { u32: { 0: map.fd }, pointers: { 8: key } });
  if (result < 0 && -result !== ERRNO.ENOENT) throw new SystemFault('BPF_MAP_DELETE_ELEM', subject, -result);
}

/** How many entries are read at a time. A bucket of a map that is not near its limit has far fewer. */
const BATCH = 1024;

/** All entries of a hash. Throws SystemFault. */
export function entriesOf(map: BpfObject, { name, keyBytes, valueBytes }: MapShape): [Buffer, Buffer][] {
  const found: [Buffer, Buffer][] = [];
  // The kernel's place in the map between two calls.
  const place = new ArrayBuffer(16);
  for (let isFirst = true; ; isFirst = false) {
    const keys = new ArrayBuffer(BATCH * keyBytes);
    const values = new ArrayBuffer(BATCH * valueBytes);
    const { result, attributes } = call('BPF_MAP_LOOKUP_BATCH', 56, {
      u32: { 32: BATCH, 36: map.fd },
      pointers: { ...(isFirst ? {} : { 0: place }), 8: place, 16: keys, 24: values },
    });
    // ENOENT: these were the last ones.
    if (result < 0 && -result !== ERRNO.ENOENT) throw new SystemFault('BPF_MAP_LOOKUP_BATCH', name, -result);
    const count = attributes.getUint32(32, true);
    for (let n = 0; n < count; n++)
      found.push([Buffer.from(keys, n * keyBytes, keyBytes), Buffer.from(values, n * valueBytes, valueBytes)]);
    if (result < 0) return found;
  }
}

/** A program of which the id is known. null: there is none any more. Throws SystemFault. */
export function programById(id: number): BpfObject | null {
  return byId('BPF_PROG_GET_FD_BY_ID', id);
}

/** A map of which the id is known. null: there is none any more. Throws SystemFault. */
export function mapById(id: number): BpfObject | null {
  return byId('BPF_MAP_GET_FD_BY_ID', id);
}

function byId(command: 'BPF_PROG_GET_FD_BY_ID' | 'BPF_MAP_GET_FD_BY_ID', id: number): BpfObject | null {
  const { result } = call(command, 12, { u32: { 0: id } });
  if (result >= 0) return new BpfObject(result);
  if (-result === ERRNO.ENOENT) return null;
  throw new SystemFault(command, String(id), -result);
}

/** The ids of all programs of the kernel, in order. Throws SystemFault. */
export function programIds(): readonly number[] {
  const ids: number[] = [];
  for (let last = 0; ; ) {
    const { result, attributes } = call('BPF_PROG_GET_NEXT_ID', 12, { u32: { 0: last } });
    if (-result === ERRNO.ENOENT) return ids;
    if (result < 0) throw new SystemFault('BPF_PROG_GET_NEXT_ID', String(last), -result);
    last = attributes.getUint32(4, true);
    ids.push(last);
  }
}

/** The most maps of a program that are asked for. */
const MAPS_MAX = 8;

/** The name of a program, and the ids of its maps (struct bpf_prog_info). Throws SystemFault. */
export function programInfo(program: BpfObject): { readonly name: string; readonly maps: readonly number[] } {
  const info = new DataView(new ArrayBuffer(104));
  const maps = new Uint32Array(MAPS_MAX);
  info.setUint32(52, MAPS_MAX, true);
  info.setBigUint64(56, addressOf(maps.buffer), true);
  const u32 = { 0: program.fd, 4: info.byteLength };
  wanted('BPF_OBJ_GET_INFO_BY_FD', 'program', 16, { u32, pointers: { 8: info.buffer } });
  return {
    name: textAt(info, 64),
    maps: [...maps.subarray(0, Math.min(info.getUint32(52, true), MAPS_MAX))],
  };
}

/** The name of a map (struct bpf_map_info). Throws SystemFault. */
export function mapName(map: BpfObject): string {
  const info = new DataView(new ArrayBuffer(40));
  const u32 = { 0: map.fd, 4: info.byteLength };
  wanted('BPF_OBJ_GET_INFO_BY_FD', 'map', 16, { u32, pointers: { 8: info.buffer } });
  return textAt(info, 24);
}

function textAt(bytes: DataView, at: number): string {
  const name = Buffer.from(bytes.buffer, at, 16);
  const end = name.indexOf(0);
  return name.toString('latin1', 0, end < 0 ? name.length : end);
}

/** Runs a program on a frame, as if the device of this index had received it; returns what the program says. Throws SystemFault. */
export function testRun(program: BpfObject, frame: ArrayBuffer, ifindex: number): number {
  // struct __sk_buff: the kernel takes `ifindex` of it, of a device of this namespace, since Linux 5.8.
  const context = new ArrayBuffer(192);
  new DataView(context).setUint32(40, ifindex, true);
  const { result, attributes } = call('BPF_PROG_TEST_RUN', 80, {
    u32: { 0: program.fd, 8: frame.byteLength, 40: context.byteLength },
    pointers: { 16: frame, 48: context },
  });
  if (result < 0) throw new SystemFault('BPF_PROG_TEST_RUN', 'program', -result);
  return attributes.getUint32(4, true);
}

/** Memory of its own, which has an address. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
