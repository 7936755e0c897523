import { encodeProgram, REFUSE_ALL } from '../../src/capture/filter.ts';
import { OWN_NS } from '../../src/net/ns-id.ts';
import type { OpenedTap, RefusedTap, Tap, TapCounts } from '../../src/wire/capture.ts';
import { failureOf } from '../failure.ts';
import { HomeLost, type Identity, identityAt, pathOf } from '../netns.ts';
import { BlockReader } from './block-reader.ts';
import { PacketRing, RETIRE_MS } from './ring.ts';

/** After so long the kernel has handed over all that it had. */
export const SETTLE_MS = 3 * RETIRE_MS;

interface OpenTap {
  readonly tap: Tap;
  readonly ring: PacketRing;
  readonly reader: BlockReader;
  readonly namespace: Identity | null;
  /** When all that it has received is in the ring. null: its device is still there. */
  leavesMs: number | null;
  /** Its device has been down. The kernel tells a socket once: that a device which is down goes away is not told any more. */
  wasDown: boolean;
}

/** The rings that are open, and what was counted of those that were. */
export class Taps {
  readonly #open = new Map<number, OpenTap>();
  readonly #before = new Map<number, TapCounts>();

  /** Throws only HomeLost. */
  open(tap: Tap): OpenedTap | RefusedTap {
    try {
      const ring = PacketRing.open(tap);
      const reader = new BlockReader(ring, tap.id, tap.snaplenBytes);
      const { hardwareType, mac, isUp } = ring;
      this.#open.set(tap.id, { tap, ring, reader, namespace: identityOf(tap), leavesMs: null, wasDown: !isUp });
      return { id: tap.id, ok: true, hardwareType, mac, isUp };
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      return { id: tap.id, ok: false, failure: failureOf(null, error) };
    }
  }

  get size(): number {
    return this.#open.size;
  }

  readers(): readonly BlockReader[] {
    return [...this.#open.values()].map(({ reader }) => reader);
  }

  /** Of the taps whose devices are there. */
  fds(): readonly number[] {
    return [...this.#open.values()].flatMap(({ ring, leavesMs }) => (leavesMs === null ? [ring.fd] : []));
  }

  /** Looks at sockets that have an error to tell. */
  examine(fds: ReadonlySet<number>, nowMs: number): void {
    for (const open of this.#open.values()) {
      if (!fds.has(open.ring.fd)) continue;
      open.wasDown = true;
      if (open.ring.isGone()) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  /** Looks at sockets whose devices have been down. */
  examineDown(nowMs: number): void {
    for (const open of this.#open.values()) {
      if (open.wasDown && open.ring.isGone()) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  /** Finds namespaces that have lost their name or their process: an open socket alone would keep them, and their devices, alive. */
  examineNamespaces(nowMs: number): void {
    const known = new Map<string, Identity | null>();
    for (const open of this.#open.values()) {
      const { tap, namespace } = open;
      if (namespace === null) continue;
      const now = known.has(tap.ns) ? (known.get(tap.ns) ?? null) : identityOf(tap);
      known.set(tap.ns, now);
      const isSame = now?.inode === namespace.inode && now.bornMs === namespace.bornMs;
      if (!isSame) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  /** Closes the taps whose devices have gone and whose packets have all been read. Returns their ids. */
  closeGone(nowMs: number): readonly number[] {
    const gone = [...this.#open.values()].filter(
      ({ leavesMs, reader }) => leavesMs !== null && leavesMs <= nowMs && !reader.hasPacket(nowMs),
    );
    for (const { tap } of gone) {
      this.#before.set(tap.id, this.#countsOf(tap.id));
      this.#open.delete(tap.id);
    }
    PacketRing.closeAll(gone.map(({ ring }) => ring));
    return gone.map(({ tap }) => tap.id);
  }

  /** Takes nothing more from the devices. */
  refuseAll(): void {
    const program = encodeProgram(REFUSE_ALL);
    for (const { ring } of this.#open.values()) ring.attach(program);
  }

  counts(): readonly TapCounts[] {
    return [...new Set([...this.#before.keys(), ...this.#open.keys()])].map((id) => this.#countsOf(id));
  }

  #countsOf(id: number): TapCounts {
    const before = this.#before.get(id) ?? { id, received: 0, dropped: 0, delivered: 0 };
    const open = this.#open.get(id);
    if (open === undefined) return before;
    const { received, dropped } = open.ring.counts();
    return {
      id,
      received: before.received + received,
      dropped: before.dropped + dropped,
      delivered: before.delivered + open.reader.delivered,
    };
  }

  [Symbol.dispose](): void {
    PacketRing.closeAll([...this.#open.values()].map(({ ring }) => ring));
    this.#open.clear();
  }
}

/** null: linkloom's own namespace, which does not go. */
function identityOf({ ns }: Tap): Identity | null {
  return ns === OWN_NS ? null : identityAt(pathOf(ns));
}
