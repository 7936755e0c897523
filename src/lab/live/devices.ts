/** What the monitor sees of the devices of a lab → events. It remembers each device as it was, and reads no clock but that of events. */
import { grouped } from '../../grouped.ts';
import type { AddressEvent, DeviceEnd, DeviceEvent, Happening } from '../../lab-events.ts';
import { BRIDGE_NODE, isOfLink, markOf, ROLE, roleOf, TUNNEL_NODE, wordOf } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { linkSubject, type Subject } from '../../subject.ts';
import { printNetem } from '../../topology/text/netem-print.ts';
import type { Seen, SeenDevice, SeenImpairment } from '../../wire/monitor.ts';

/** A device as it was last seen. */
interface Known {
  readonly subject: Subject;
  readonly end: DeviceEnd;
  readonly isBridge?: true;
  device: SeenDevice;
  readonly addresses: Set<string>;
  impairment: Impairment;
}

/** `text`: the words of what impairs; null: nothing does. `isOverride`: it was set by hand. */
interface Impairment {
  readonly text: string | null;
  readonly isOverride: boolean;
}

const UNIMPAIRED: Impairment = { text: null, isOverride: false };

/** The upper byte of the handle of a qdisc that overrides the configuration (`4dXY:`); linkloom's others have 4c. */
const OVERRIDE_MAGIC = 0x4d;

export interface TrackerOptions {
  /** The lab whose devices are told of; another one can have the same group number. */
  readonly lab: string;
  /** The node of a namespace, as in `NODE:DEV`; null: it is of no node that is known. */
  readonly nodeOf: (ns: NsId) => string | null;
  /**
   * Whether links that come and go are told as `made` and `removed`. A daemon tells what it does itself. Default true.
   */
  readonly tellsLinks?: boolean;
}

type Tell = (event: Happening) => void;

/** The values of a device that have an event each, in the order in which they are told. */
const VALUES = {
  name: ({ ifname }: SeenDevice) => ifname,
  admin: ({ up }: SeenDevice) => (up ? 'up' : 'down'),
  carrier: ({ hasCarrier }: SeenDevice) => hasCarrier,
  operstate: ({ operstate }: SeenDevice) => operstate,
  mtu: ({ mtuBytes }: SeenDevice) => mtuBytes,
  mac: ({ mac }: SeenDevice) => mac,
} as const;

export class DeviceTracker {
  readonly #options: TrackerOptions;
  readonly #tell: Tell;
  readonly #spaces = new Map<NsId, Map<number, Known>>();
  /** Namespaces that were looked at once: what is in them from the start has not just been made. */
  readonly #looked = new Set<NsId>();
  /** Namespaces in which the lab has, or had, a device. */
  readonly #held = new Set<NsId>();
  /** Whether namespaces that are new hold what has just been made. */
  #isSettled = false;

  constructor(options: TrackerOptions, tell: Tell) {
    this.#options = options;
    this.#tell = tell;
  }

  /** From now on what is found in a namespace that is new has just been made. */
  settle(): void {
    this.#isSettled = true;
  }

  /** All devices that are there, for each namespace. */
  *devices(): Generator<{ readonly ns: NsId; readonly subject: Subject; readonly end: DeviceEnd }, void, void> {
    for (const [ns, space] of this.#spaces) for (const { subject, end } of space.values()) yield { ns, subject, end };
  }

  /** Whether the lab has a device in a namespace, or had one before that went. */
  hasHeld(ns: NsId): boolean {
    return this.#held.has(ns);
  }

  /** A namespace has ended: the next one of its name is another. */
  forget(ns: NsId): void {
    this.#held.delete(ns);
  }

  take(seen: readonly Seen[]): void {
    for (const one of seen) this.#takeOne(one);
  }

  #takeOne(one: Seen): void {
    switch (one.seen) {
      case 'namespace':
        return this.#takeAll(one);
      case 'device':
        return this.#change(one.ns, one.device, true);
      case 'gone':
        return this.#lose(one.ns, one.ifindex, null);
      case 'address':
        return this.#address(one.ns, one.address.ifindex, one.address.address, one.isGone);
      case 'impairment':
        return this.#impair(one.ns, one.impairment, true);
      default:
        return one satisfies never;
    }
  }

  #takeAll({ ns, inode, devices, addresses, impairments }: Extract<Seen, { seen: 'namespace' }>): void {
    const isNews = this.#looked.has(ns) || this.#isSettled;
    const space = this.#spaces.get(ns) ?? new Map<number, Known>();
    const there = new Set(devices.map(({ ifindex }) => ifindex));
    const why = inode === null ? 'its namespace is gone' : null;
    for (const ifindex of [...space.keys()]) if (!there.has(ifindex)) this.#lose(ns, ifindex, why);
    if (inode === null) {
      this.#spaces.delete(ns);
      this.#looked.delete(ns);
      return;
    }
    this.#looked.add(ns);
    for (const device of devices) this.#change(ns, device, isNews);
    const roots = new Map(impairments.map((impairment) => [impairment.ifindex, impairment]));
    const prefixes = grouped(addresses, ({ ifindex }) => ifindex);
    for (const [ifindex, known] of this.#spaces.get(ns) ?? []) {
      const now = new Set((prefixes.get(ifindex) ?? []).map(({ address }) => address));
      if (isNews) this.#addresses(ns, ifindex, known, now);
      else for (const address of now) known.addresses.add(address);
      this.#impair(ns, roots.get(ifindex) ?? { ifindex, root: null }, isNews);
    }
  }

  #addresses(ns: NsId, ifindex: number, { addresses }: Known, now: ReadonlySet<string>): void {
    for (const address of [...addresses]) if (!now.has(address)) this.#address(ns, ifindex, address, true);
    for (const address of now) this.#address(ns, ifindex, address, false);
  }

  #change(ns: NsId, device: SeenDevice, isNews: boolean): void {
    const space = this.#spaces.get(ns) ?? new Map<number, Known>();
    this.#spaces.set(ns, space);
    const known = space.get(device.ifindex);
    if (known === undefined) {
      const place = this.#placeOf(ns, device);
      if (place === null) return;
      this.#held.add(ns);
      space.set(device.ifindex, { ...place, device, addresses: new Set(), impairment: UNIMPAIRED });
      if (isNews) this.#comes(place);
      return;
    }
    const before = known.device;
    known.device = device;
    for (const [type, read] of entriesOf(VALUES)) {
      // A bridge takes its MAC and its MTU from its ports, so they change with every port that comes or goes.
      const isOwn = known.isBridge !== true || (type !== 'mac' && type !== 'mtu');
      const [was, is] = [read(before), read(device)];
      if (isOwn && was !== is) this.#tell(deviceEvent(type, ns, known, was, is));
    }
    const [was, is] = [this.#bridgeOf(ns, before), this.#bridgeOf(ns, device)];
    if (was !== is) this.#tell(deviceEvent('bridge', ns, known, was, is));
    const [wasSet, isSet] = [wordOf(before.alias, 'set'), wordOf(device.alias, 'set')];
    if (wasSet !== isSet) this.#override(known.subject, wasSet, isSet);
  }

  #comes({ subject, end }: Pick<Known, 'subject' | 'end'>): void {
    if ((this.#options.tellsLinks ?? true) && end !== 'port') this.#step('made', subject, null);
  }

  #lose(ns: NsId, ifindex: number, why: string | null): void {
    const space = this.#spaces.get(ns);
    const known = space?.get(ifindex);
    if (space === undefined || known === undefined) return;
    space.delete(ifindex);
    const settings = overridesOf(known);
    if (settings.length > 0) this.#tell({ type: 'override', subject: known.subject, change: 'lost', settings });
    if ((this.#options.tellsLinks ?? true) && known.end !== 'port') this.#step('removed', known.subject, why);
  }

  #step(type: 'made' | 'removed', subject: Subject, cause: string | null): void {
    this.#tell({ type, subject, cause, revision: null, atMs: performance.now() });
  }

  #override(subject: Subject, before: string | null, now: string | null): void {
    const change = now === null ? 'reset' : 'set';
    this.#tell({ type: 'override', subject, change, settings: (now ?? before ?? '').split(',') });
  }

  #address(ns: NsId, ifindex: number, address: string, isGone: boolean): void {
    const known = this.#spaces.get(ns)?.get(ifindex);
    if (known === undefined || known.addresses.has(address) !== isGone) return;
    if (isGone) known.addresses.delete(address);
    else known.addresses.add(address);
    const change = isGone ? 'removed' : 'added';
    this.#tell({ type: 'address', ...placeOf(ns, known), change, address } satisfies AddressEvent);
  }

  #impair(ns: NsId, impairment: SeenImpairment, isNews: boolean): void {
    const known = this.#spaces.get(ns)?.get(impairment.ifindex);
    if (known === undefined) return;
    const [before, now] = [known.impairment, impairmentOf(impairment)];
    known.impairment = now;
    if (!isNews || (before.text === now.text && before.isOverride === now.isOverride)) return;
    this.#tell(deviceEvent('impairment', ns, known, before.text, now.text));
    if (now.isOverride) this.#override(known.subject, null, now.text);
    else if (before.isOverride) this.#override(known.subject, before.text, null);
  }

  /** What a device belongs to. null: to another lab, or to nothing that has a name. */
  #placeOf(ns: NsId, device: SeenDevice): Pick<Known, 'subject' | 'end' | 'isBridge'> | null {
    const mark = device.alias === '' ? null : markOf(device.alias);
    if (mark !== null && mark.lab !== this.#options.lab) return null;
    // A new bridge gets its mark a moment later.
    const isBridge = mark === null ? roleOf(device.group) === ROLE.bridge : mark.node === BRIDGE_NODE;
    if (isBridge) return { subject: { kind: 'bridge', name: device.ifname }, end: null, isBridge };
    if (mark?.node === TUNNEL_NODE) return { subject: { kind: 'tunnel', dev: device.ifname }, end: null };
    const role = roleOf(device.group);
    const end = role === ROLE.port ? 'port' : 'node';
    if (mark !== null && isOfLink(mark)) return { subject: linkSubject(`${mark.node}:${mark.dev}`), end };
    const node = role === ROLE.nodeEnd ? this.#options.nodeOf(ns) : null;
    return node === null ? null : { subject: linkSubject(`${node}:${device.ifname}`), end };
  }

  #bridgeOf(ns: NsId, { master }: SeenDevice): string | null {
    if (master === 0) return null;
    return this.#spaces.get(ns)?.get(master)?.device.ifname ?? `#${master}`;
  }
}

function entriesOf<K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[] {
  return Object.entries(table) as unknown as readonly (readonly [K, V])[];
}

function placeOf(
  ns: NsId,
  { subject, end, device }: Known,
): Pick<DeviceEvent, 'subject' | 'end' | 'namespace' | 'ifname'> {
  return { subject, end, namespace: ns, ifname: device.ifname };
}

function deviceEvent(
  type: DeviceEvent['type'],
  ns: NsId,
  known: Known,
  before: DeviceEvent['before'],
  now: DeviceEvent['now'],
): DeviceEvent {
  return { type, ...placeOf(ns, known), before, now };
}

function impairmentOf({ root }: SeenImpairment): Impairment {
  if (root === null) return UNIMPAIRED;
  const text = root.netem === null ? root.kind : `netem ${printNetem(root.netem)}`.trim();
  return { text, isOverride: root.handle >>> 24 === OVERRIDE_MAGIC };
}

function overridesOf({ device, impairment: { text, isOverride } }: Known): readonly string[] {
  const set = wordOf(device.alias, 'set')?.split(',') ?? [];
  return isOverride && text !== null ? [...set, text] : set;
}
