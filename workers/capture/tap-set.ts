import type { OpenedTap, RefusedTap, Tap, TapCounts, TapGroup } from '../../src/wire/capture.ts';
import { failureOf } from '../failure.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { PacketSource } from './packet.ts';
import { RETIRE_MS } from './ring.ts';
import type { Device } from './socket.ts';

/** After so long the kernel has handed over all that it had. */
export const SETTLE_MS = 3 * RETIRE_MS;

/** Is told of each tap that could be opened. */
export type OnOpened = (id: number, device: Device) => void;

/** The taps of a capture: with rings, or without. */
export interface TapSet extends Disposable {
  /** How many are open. */
  readonly size: number;
  /** Opens the first taps. Returns those that could not be opened. Throws HomeLost, and SystemFault where no further one can be opened. */
  openAll(groups: readonly TapGroup[], onOpened: OnOpened): readonly RefusedTap[];
  /** Throws only HomeLost. */
  open(tap: Tap): OpenedTap | RefusedTap;
  /** Whether `receive` takes packets from the kernel at once, so that these wait there for as short as possible. */
  readonly isTaking: boolean;
  /** What to wait for: descriptors that can be read while there are packets. */
  fds(): readonly number[];
  /** Takes in what there is. `faulty`: descriptors with an error. */
  receive(faulty: ReadonlySet<number>, nowMs: number): void;
  sources(): Iterable<PacketSource>;
  /** Now and then: finds devices and namespaces that have gone. An open socket alone would keep a namespace alive. */
  look(nowMs: number): void;
  /** Closes the taps whose devices have gone and whose packets have all been taken in. Returns their ids. */
  closeGone(nowMs: number): readonly number[];
  /** Takes nothing more from the devices. */
  refuseAll(): void;
  counts(): TapCounts;
}

export function openedTap(id: number, { hardwareType, mac, isUp }: Device): OpenedTap {
  return { id, ok: true, hardwareType, mac, isUp };
}

export function refusedTap(id: number, error: unknown): RefusedTap {
  return { id, ok: false, failure: failureOf(null, error) };
}

/** Without descriptors a capture of all links would be one of some of them. */
export function isTooMany(error: unknown): boolean {
  return error instanceof SystemFault && (error.errno === ERRNO.EMFILE || error.errno === ERRNO.ENFILE);
}
