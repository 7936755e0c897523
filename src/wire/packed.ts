/**
 * Dumps as they cross a thread: the values of all devices of a task in a few columns, since each object, each list and each text is copied by
 * itself. What many devices say alike (`veth`, `eth0`, `UP`) stands once in a list of words.
 */
import type { LinkDump, NsDump } from './seen.ts';

/** The fields of a device that are numbers, in this order; `up` is one, too (0 or 1), and the last is `txqueuelen`, -1 if it is not known. */
export const NUMBERS = [
  'ifindex',
  'group',
  'mtuBytes',
  'master',
  'peerIndex',
  'peerNsid',
  'txQueues',
] as const satisfies readonly (keyof LinkDump)[];

/** Those that are words, in this order. */
export const WORDS = ['ifname', 'kind', 'operstate', 'qdisc'] as const satisfies readonly (keyof LinkDump)[];

/** Those that are a text of each device's own, in this order. */
export const TEXTS = ['alias', 'mac'] as const satisfies readonly (keyof LinkDump)[];

type InColumns = (typeof NUMBERS)[number] | (typeof WORDS)[number] | (typeof TEXTS)[number];

/** All other fields of a device: one that stood in neither would be lost on the way, so the compiler asks for it here. */
const REST: Readonly<Record<Exclude<keyof LinkDump, InColumns | 'up' | 'numbers' | 'counters'>, true>> = {
  mode: true,
  vlanId: true,
  tunnel: true,
  offloads: true,
  netem: true,
  tbf: true,
  redirect: true,
  program: true,
  trunk: true,
};

export const REST_FIELDS = Object.keys(REST) as readonly (keyof typeof REST)[];

/** What few devices have, where it is there. */
export type Rest = Partial<Pick<LinkDump, keyof typeof REST | 'numbers'>>;

/** A dump without its devices and addresses: how many of the columns are its own. */
export interface PackedDump extends Omit<NsDump, 'links' | 'addresses'> {
  readonly links: number;
  readonly addresses: number;
}

export const COUNTERS = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxDropped',
  'txDropped',
  'rxErrors',
  'txErrors',
] as const satisfies readonly (keyof NonNullable<LinkDump['counters']>)[];

/** All columns go device by device, or address by address, in the order of the dumps. */
export interface PackedResult {
  readonly dumps: readonly PackedDump[];
  readonly words: readonly string[];
  /** Of each device: the fields of NUMBERS, `up`, `txqueuelen`, the places in `words` of the fields of WORDS. */
  readonly numbers: Float64Array;
  /** Of each device the fields of TEXTS. */
  readonly texts: readonly string[];
  /** By the position of the device among all devices. */
  readonly rests: ReadonlyMap<number, Rest>;
  /** Of each device the fields of `COUNTERS`, NaN where it has none; null: they were not requested. */
  readonly counters: Float64Array | null;
  /** Of each address: index of the device, protocol, the place of the scope in `words`. */
  readonly addressNumbers: Float64Array;
  /** Each address as a canonical prefix. */
  readonly addressTexts: readonly string[];
}

/** How many numbers a device has, and an address. */
export const DEVICE_NUMBERS = NUMBERS.length + 2 + WORDS.length;
export const ADDRESS_NUMBERS = 3;
