/**
 * `ops/` carries out operations. Each kind has one function, which takes consecutive ops of that kind in one namespace and sends
 * them together. It answers each refusal as the kind demands: it tries again, undoes, or records a failure. What the lab
 * should look like was decided before, by the plan.
 */

import type { NsId } from '../../src/net/ns-id.ts';
import { type DeviceRef, isMade } from '../../src/wire/device-ref.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { OvsBridge, OvsDel, OvsPort } from '../../src/wire/ops/switch.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { failure, failureOf } from '../failure.ts';
import type { Namespace, Namespaces } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendOne } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { HomeLost } from '../netns.ts';
import { lookUp } from '../rtnl/dump.ts';
import { deleteLink, type LinkKey } from '../rtnl/link.ts';
import { quickIndexOf } from './offload.ts';

/** An op and its index in the job. */
export interface Placed<T> {
  readonly at: number;
  readonly op: T;
}

/** How an op that is one message to a device with a known index is written, and what a refusal of it means. */
export interface Setting<T> {
  readonly write: (batch: MessageBatch, op: T, ifindex: number) => void;
  readonly onRefused: (context: JobContext, placed: Placed<T>, ifindex: number, nack: Nack) => void;
}

/** The state that the operations of one job share. */
export class JobContext {
  readonly ns: NsId;
  readonly spaces: Namespaces;
  readonly failures: OpFailure[] = [];
  /** Index of each bridge that this job made. It can differ from the planned index, if that was taken. */
  readonly bridgeIndexes = new Map<string, number>();
  /** The changes for Open vSwitch, made in one transaction at the end of the job. `broken`: why they can't be made. */
  readonly ovs: {
    readonly bridges: Placed<OvsBridge>[];
    readonly ports: Placed<OvsPort>[];
    readonly deletions: Placed<OvsDel>[];
    broken: OpFailure | null;
  } = { bridges: [], ports: [], deletions: [], broken: null };
  /** Devices that this job deleted again because a part of them failed. */
  readonly undone = new Set<string>();
  /** Bridges to raise at the end of the job. */
  readonly toRaise: Placed<{ readonly dev: string; readonly ifindex: number }>[] = [];

  readonly #peerInodes: Readonly<Partial<Record<NsId, number>>>;

  constructor(ns: NsId, spaces: Namespaces, peerInodes: Readonly<Partial<Record<NsId, number>>> = {}) {
    this.ns = ns;
    this.spaces = spaces;
    this.#peerInodes = peerInodes;
  }

  /** The namespace of a veth's other end. Null: it is not the one that was observed; the op's failure is recorded. Throws SystemFault. */
  peerSpace(at: number, ns: NsId): Namespace | null {
    const space = this.spaces.get(ns);
    const observed = this.#peerInodes[ns];
    if (observed === undefined || observed === space.inode) return space;
    this.failures.push(failure(at, 'stat', ns, 0, { code: 'E_NODE_CHANGED' }));
    return null;
  }

  /** The job's namespace. Throws SystemFault. */
  get space(): Namespace {
    return this.spaces.get(this.ns);
  }

  fail(
    at: number,
    call: string,
    subject: string,
    nack: Pick<Nack, 'errno' | 'message'>,
    leftBehind: string | null = null,
  ): void {
    this.failures.push(failure(at, call, subject, nack.errno, { extAck: nack.message, leftBehind }));
  }

  /** Runs `part` for one op. An error that it throws becomes the op's failure. */
  attempt<T>(at: number, part: () => T): T | null {
    try {
      return part();
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      this.failures.push(failureOf(at, error));
      return null;
    }
  }

  /** Deletes a device again. Returns null, or if that fails a text on what is left behind. */
  undo(key: LinkKey, dev: string): string | null {
    this.undone.add(dev);
    const nack = sendOne(this.space.socket, (batch) => deleteLink(batch, key));
    return nack && nack.errno !== ERRNO.ENODEV ? `${dev} in ${this.ns}` : null;
  }

  /** The index of a device by name; if it exists by a system call that takes no lock of the kernel. Throws SystemFault ENODEV if there is none. */
  indexOf(dev: string): number {
    return quickIndexOf(this.space.socket, dev) ?? this.find(dev)?.ifindex ?? missing(dev);
  }

  /** The index of the device of an op. Null: there is none; the op's failure is recorded. */
  resolve(at: number, { dev, ifindex }: { readonly dev: string; readonly ifindex: DeviceRef }): number | null {
    return isMade(ifindex) ? this.attempt(at, () => this.indexOf(dev)) : ifindex;
  }

  find(dev: string): LinkDump | null {
    return lookUp(this.space.socket, { ifname: dev });
  }
}

function missing(dev: string): never {
  throw new SystemFault('RTM_GETLINK', dev, ERRNO.ENODEV);
}
