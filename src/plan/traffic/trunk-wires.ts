/**
 * Wires to other hosts that go through a trunk. Of such a wire the port is here, with the trunk's program on it; what makes the wire are two
 * entries in the program's maps and a VNI that the trunk hears.
 */

import type { NsId } from '../../net/ns-id.ts';
import type { TunnelSpec } from '../../topology/topology.ts';
import type { LinkDump, TrunkOut } from '../../wire/seen.ts';
import { vnisIn } from '../../wire/trunk.ts';
import type { Context } from '../context.ts';
import { trunkId } from '../parents/trunks.ts';
import { alsoChanges, alsoWaits, type fatesOf } from './verdicts.ts';
import type { SeenEnd, WireEnd } from './wire-end.ts';

/** The end of a wire that is a trunk. */
export type TrunkEnd = WireEnd & { readonly trunk: TunnelSpec };

export function isTrunkEnd(end: WireEnd): end is TrunkEnd {
  return end.trunk !== undefined;
}

/** The entries of a trunk, by what one looks for. */
class Entries {
  readonly #out: ReadonlyMap<number, TrunkOut>;
  readonly #in: ReadonlyMap<number, number>;
  readonly vnis: ReadonlySet<number>;

  constructor({ trunk, tunnel }: LinkDump) {
    this.#out = new Map(trunk?.out.map((entry) => [entry.port, entry]));
    this.#in = new Map(trunk?.in.map(({ vni, port }) => [vni, port]));
    this.vnis = new Set(vnisIn(tunnel?.vnis ?? []));
  }

  get ports(): Iterable<number> {
    return this.#out.keys();
  }

  /** VNIs that are heard or have an entry. */
  get known(): Iterable<number> {
    return new Set([...this.vnis, ...this.#in.keys()]);
  }

  outOf(port: number): TrunkOut | undefined {
    return this.#out.get(port);
  }

  portOf(vni: number): number | undefined {
    return this.#in.get(vni);
  }
}

/** What is wanted of one trunk that exists, and what it has. */
interface Known {
  readonly device: LinkDump;
  readonly entries: Entries;
  readonly vnis: Set<number>;
  readonly ports: Set<number>;
}

/** Plans the wires of trunks, and then what no wire has. */
export class TrunkWires {
  readonly #context: Context;
  readonly #fateOf: ReturnType<typeof fatesOf>;
  readonly #known = new Map<NsId, Known | null>();

  constructor(context: Context, fateOf: ReturnType<typeof fatesOf>) {
    this.#context = context;
    this.#fateOf = fateOf;
  }

  /** Plans one wire. `port`: the end on this host; undefined: it can't be made, or is not there. */
  plan(ns: NsId, end: TrunkEnd, port: SeenEnd | undefined, isBlocked: boolean): void {
    const { dev, trunk: spec } = end;
    const known = this.#knownIn(ns, dev);
    if (port === undefined) {
      // What stands in the way of a link leaves its wire as it is.
      if (isBlocked && known !== null) this.#want(known, spec.vni, known.entries.portOf(spec.vni));
      return;
    }
    if (this.#fateOf(trunkId(dev)) === 'blocked' || this.#fateOf(end.id) === 'blocked')
      return alsoWaits(this.#context, port.id, port.place, `waits for its other end ${end.id}`);
    if (known !== null) this.#want(known, spec.vni, port.port?.ifindex);
    const causes =
      port.port === undefined ? [] : known === null ? ['its trunk is made anew'] : differences(known, port.port, spec);
    if (port.port !== undefined && causes.length === 0) return;
    const cause = port.port === undefined ? 'missing' : causes.join(', ');
    if (port.port !== undefined) alsoChanges(this.#context, port.id, port.place, cause);
    this.#context.draft.ops.push({
      ...{ op: 'trunk.tie', ns, link: port.id, cause, dev: port.dev, trunk: dev, vni: spec.vni, remote: spec.remote },
      ...{ local: spec.local ?? null, isNew: port.port === undefined },
    });
  }

  /** Plans the end of entries that no wire has. Valid only if all wires of the lab were planned. */
  planCuts(): void {
    for (const [ns, known] of this.#known) {
      if (known === null) continue;
      const { device, entries } = known;
      const vnis = [...entries.known].filter((vni) => !known.vnis.has(vni));
      const ports = [...entries.ports].filter((port) => !known.ports.has(port));
      if (vnis.length === 0 && ports.length === 0) continue;
      const { ifname: dev, ifindex } = device;
      const cause = 'entries of no wire';
      this.#context.draft.ops.push({ op: 'trunk.cut', ns, link: trunkId(dev), cause, dev, ifindex, vnis, ports });
    }
  }

  /** null: the plan makes the trunk, or it can't be made. */
  #knownIn(ns: NsId, dev: string): Known | null {
    let known = this.#known.get(ns);
    if (known === undefined) {
      const device = this.#context.observed.namespaces.get(ns)?.byName.get(dev);
      const isThere = device !== undefined && this.#fateOf(trunkId(dev)) === 'there';
      known = isThere ? { device, entries: new Entries(device), vnis: new Set(), ports: new Set() } : null;
      this.#known.set(ns, known);
    }
    return known;
  }

  #want({ vnis, ports }: Known, vni: number, port: number | undefined): void {
    vnis.add(vni);
    if (port !== undefined) ports.add(port);
  }
}

/** What of a wire is not as it is to be, as causes. */
function differences({ device, entries }: Known, port: LinkDump, spec: TunnelSpec): readonly string[] {
  const id = device.trunk?.program?.id;
  const out = entries.outOf(port.ifindex);
  const causes: string[] = [];
  if (port.program !== id || out === undefined || out.trunk !== device.ifindex)
    causes.push(`not tied to ${device.ifname}`);
  if (out !== undefined) {
    if (out.vni !== spec.vni) causes.push(`vni ${out.vni} → ${spec.vni}`);
    if (out.remote !== spec.remote) causes.push(`remote ${out.remote} → ${spec.remote}`);
    if (out.local !== (spec.local ?? null)) causes.push(`local ${out.local ?? 'none'} → ${spec.local ?? 'none'}`);
  }
  if (!entries.vnis.has(spec.vni) || entries.portOf(spec.vni) !== port.ifindex)
    causes.push(`vni ${spec.vni} does not lead to it`);
  return causes;
}

/** Whether a trunk has all of the wire of a VNI, as `status` shows it. */
export function hasWire(device: LinkDump, vni: number): boolean {
  const entries = new Entries(device);
  const port = entries.portOf(vni);
  return port !== undefined && entries.vnis.has(vni) && entries.outOf(port)?.vni === vni;
}
