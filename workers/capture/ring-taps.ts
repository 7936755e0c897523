import { encodeProgram, REFUSE_ALL } from '../../src/capture/filter.ts';
import { OWN_NS } from '../../src/net/ns-id.ts';
import {
  noCounts,
  type OpenedTap,
  type RefusedTap,
  type Tap,
  type TapCounts,
  type TapGroup,
  type TapSettings,
} from '../../src/wire/capture.ts';
import { HomeLost, type Identity, identityAt, isSameNamespace, pathOf } from '../netns.ts';
import { BlockReader } from './block-reader.ts';
import { PacketRing, type RingSize } from './ring.ts';
import { isTooMany, type OnOpened, openedTap, refusedTap, SETTLE_MS, type TapSet } from './tap-set.ts';

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

/** Taps that have a socket and a ring each. */
export class RingTaps implements TapSet {
  readonly #open = new Map<number, OpenTap>();
  readonly #settings: TapSettings;
  readonly #size: RingSize;
  /** Of all taps that were open before, by the interfaces' ids. */
  readonly #before: TapCounts;

  constructor(settings: TapSettings, size: RingSize, interfaces: number) {
    this.#settings = settings;
    this.#size = size;
    this.#before = noCounts(interfaces);
  }

  openAll(groups: readonly TapGroup[], onOpened: OnOpened): readonly RefusedTap[] {
    const refused: RefusedTap[] = [];
    for (const { ns, ids, devs } of groups) {
      ids.forEach((id, index) => {
        try {
          onOpened(id, this.#openRing({ id, ns, dev: devs[index] ?? '' }).device);
        } catch (error) {
          if (error instanceof HomeLost || isTooMany(error)) throw error;
          refused.push(refusedTap(id, error));
        }
      });
    }
    return refused;
  }

  open(tap: Tap): OpenedTap | RefusedTap {
    try {
      return openedTap(tap.id, this.#openRing(tap).device);
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      return refusedTap(tap.id, error);
    }
  }

  /** Throws SystemFault or HomeLost. */
  #openRing(tap: Tap): PacketRing {
    const { program, snaplenBytes } = this.#settings;
    const ring = PacketRing.open(tap, this.#size, program);
    const reader = new BlockReader(ring, tap.id, snaplenBytes);
    const wasDown = !ring.device.isUp;
    this.#open.set(tap.id, { tap, ring, reader, namespace: identityOf(tap), leavesMs: null, wasDown });
    return ring;
  }

  readonly isTaking = false;

  get size(): number {
    return this.#open.size;
  }

  sources(): readonly BlockReader[] {
    return [...this.#open.values()].map(({ reader }) => reader);
  }

  /** Of the taps whose devices are there. The kernel goes on saying that a ring has packets until they are taken. */
  fds(): readonly number[] {
    return [...this.#open.values()].flatMap(({ ring, leavesMs }) => (leavesMs === null ? [ring.fd] : []));
  }

  /** The kernel puts packets into the rings by itself. Sockets that have an error to tell are looked at. */
  receive(faulty: ReadonlySet<number>, nowMs: number): void {
    if (faulty.size === 0) return;
    for (const open of this.#open.values()) {
      if (!faulty.has(open.ring.fd)) continue;
      open.wasDown = true;
      if (open.ring.isGone()) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  look(nowMs: number): void {
    this.#examineNamespaces(nowMs);
    this.#examineDown(nowMs);
  }

  /** Looks at sockets whose devices have been down. */
  #examineDown(nowMs: number): void {
    for (const open of this.#open.values()) {
      if (open.wasDown && open.ring.isGone()) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  /** Finds namespaces that have lost their name or their process. */
  #examineNamespaces(nowMs: number): void {
    const known = new Map<string, Identity | null>();
    for (const open of this.#open.values()) {
      const { tap, namespace } = open;
      if (namespace === null) continue;
      const now = known.has(tap.ns) ? (known.get(tap.ns) ?? null) : identityOf(tap);
      known.set(tap.ns, now);
      if (!isSameNamespace(now, namespace)) open.leavesMs ??= nowMs + SETTLE_MS;
    }
  }

  closeGone(nowMs: number): readonly number[] {
    const gone = [...this.#open.values()].filter(
      ({ leavesMs, reader }) => leavesMs !== null && leavesMs <= nowMs && !reader.hasPacket(nowMs),
    );
    for (const open of gone) {
      addCounts(this.#before, open);
      this.#open.delete(open.tap.id);
    }
    PacketRing.closeAll(gone.map(({ ring }) => ring));
    return gone.map(({ tap }) => tap.id);
  }

  refuseAll(): void {
    const program = encodeProgram(REFUSE_ALL);
    for (const { ring } of this.#open.values()) ring.attach(program);
  }

  counts(): TapCounts {
    const { received, dropped, delivered } = this.#before;
    const counts = { received: received.slice(), dropped: dropped.slice(), delivered: delivered.slice(), together: [] };
    for (const open of this.#open.values()) addCounts(counts, open);
    return counts;
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

function addCounts(sums: TapCounts, { tap: { id }, ring, reader }: OpenTap): void {
  const { received, dropped } = ring.counts();
  sums.received[id] = (sums.received[id] ?? 0) + received;
  sums.dropped[id] = (sums.dropped[id] ?? 0) + dropped;
  sums.delivered[id] = (sums.delivered[id] ?? 0) + reader.delivered;
}
