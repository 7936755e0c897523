/**
 * A kernel in memory that carries out a plan's ops, so that tests can plan again on the result. Kernel tests check that the real
 * kernel does the same.
 */

import { markOf } from '../../src/net/mark.ts';
import type { NsId } from '../../src/net/ns-id.ts';
import { isMade } from '../../src/wire/device-ref.ts';
import { parentOf, peerOf } from '../../src/wire/make.ts';
import type { Op } from '../../src/wire/op.ts';
import type { EthtoolSet } from '../../src/wire/ops/extras.ts';
import type { RouteSet } from '../../src/wire/ops/ip.ts';
import type { DeviceSettings, LinkAdd, LinkSet } from '../../src/wire/ops/links.ts';
import type { OvsBridge, OvsPort, PortAttach, TunnelAdd } from '../../src/wire/ops/switch.ts';
import type { LinkDump, NsDump, OvsBridgeDump, OvsDump } from '../../src/wire/seen.ts';
import { goes } from './model/leave.ts';
import { afterLossOf, attached, flooded, impairment, shaping, tied, tunnelMade } from './model/traffic.ts';
import { afterTrunkOp, trunkMade } from './model/trunk.ts';
import { BLANK, otherEnd, seenData, withFeatures, withSettings } from './model-device.ts';
import {
  afterRemoval,
  giveAddresses,
  giveRoutes,
  giveRoutesByName,
  type IpTables,
  withoutRoutes,
} from './model-route.ts';

interface Namespace extends IpTables {
  readonly inode: number;
  readonly madeBy: string | null;
  links: LinkDump[];
  readonly rules: Map<string, number>;
}

/** An Open vSwitch instance. Its database is a map from a bridge to its row and its ports' devices. */
interface Instance {
  readonly directory: string;
  running: boolean;
  readonly bridges: Map<string, { row: Pick<OvsBridgeDump, 'datapath' | 'mcastSnooping'>; ports: Set<string> }>;
}

export class ModelKernel {
  readonly #instances = new Map<NsId, Instance>();
  readonly #namespaces = new Map<NsId, Namespace>();
  /** By `NS IFINDEX`, the other end of the veth. */
  readonly #peers = new Map<string, { ns: NsId; ifindex: number }>();
  /** By the `NS IFINDEX` of a child device, that of its parent. */
  readonly #parents = new Map<string, string>();
  #inodes = 4_026_531_840;
  #indexes = 2;

  /** Makes a namespace with `loAlias` as the mark on its `lo`. Its maker is the lab of that mark, unless another one is given. */
  makeNamespace(ns: NsId, loAlias = '', madeBy: string | null = markOf(loAlias)?.lab ?? null): void {
    const inode = ++this.#inodes;
    const lo = { ...BLANK, ifindex: 1, ifname: 'lo', alias: loAlias, up: true, operstate: 'UNKNOWN' };
    this.#namespaces.set(ns, { inode, madeBy, links: [lo], addresses: [], routes: [], rules: new Map() });
  }

  removeNamespace(ns: NsId): void {
    for (const { ifindex } of [...this.#at(ns).links]) this.#delete(ns, ifindex);
    this.#namespaces.delete(ns);
  }

  dumps(): NsDump[] {
    return [...this.#namespaces].map(([ns, { inode, madeBy, links, addresses, routes, rules }]) => ({
      ns,
      inode,
      madeBy,
      failure: null,
      links: [...links],
      addresses: [...addresses],
      routes: [...routes],
      translations: [...rules].map(([comment, rules]) => ({ comment, rules })),
    }));
  }

  /** The dumps of the Open vSwitch instances. As in the real one, a port whose device is missing has an error. */
  ovs(): OvsDump[] {
    return [...this.#instances].map(([ns, { directory, running, bridges }]) => ({
      ns,
      directory,
      fault: running ? null : ('no-switch' as const),
      bridges: [...bridges].map(([name, { row, ports }]) => ({
        name,
        ...row,
        ours: true,
        error: null,
        ports: [...ports].map((dev) => ({ dev, ours: true, error: this.#has(ns, dev) ? null : `no device ${dev}` })),
      })),
    }));
  }

  /** Ends the daemon, as a kill would. */
  killOvs(ns: NsId): void {
    const instance = this.#instances.get(ns);
    if (instance) instance.running = false;
  }

  /** Changes a device as another program would. */
  meddle(ns: NsId, dev: string, change: Partial<LinkDump>): void {
    const { links } = this.#at(ns);
    const at = links.findIndex((link) => link.ifname === dev);
    const link = links[at];
    if (link) links[at] = { ...link, ...change };
  }

  /** Removes all routes of a namespace, as if their devices had been down for a moment. */
  dropRoutes(ns: NsId): void {
    this.#at(ns).routes = [];
  }

  addDevice(ns: NsId, dev: string, more: Partial<LinkDump> = {}): void {
    this.#at(ns).links.push({ ...BLANK, ifindex: ++this.#indexes, ifname: dev, ...more });
  }

  deleteDevice(ns: NsId, dev: string): void {
    const link = this.#at(ns).links.find((one) => one.ifname === dev);
    if (link) this.#delete(ns, link.ifindex);
  }

  apply(ops: readonly Op[]): void {
    for (const op of ops) this.#apply(op);
  }

  #at(ns: NsId): Namespace {
    const found = this.#namespaces.get(ns);
    if (!found) throw new Error(`no namespace ${ns}`);
    return found;
  }

  #apply(op: Op): void {
    switch (op.op) {
      case 'netns.add':
        return this.makeNamespace(op.ns, op.alias, op.lab);
      case 'netns.del':
        if (goes(this.#at(op.ns), op)) this.removeNamespace(op.ns);
        return;
      case 'link.add':
        return this.#addLink(op);
      case 'link.set':
        return this.#setLink(op);
      case 'link.del':
        return isMade(op.ifindex) ? this.deleteDevice(op.ns, op.dev) : this.#delete(op.ns, op.ifindex);
      case 'ip.del':
        Object.assign(this.#at(op.ns), afterRemoval(this.#at(op.ns), op));
        return;
      case 'ip.add':
        return giveRoutesByName(this.#at(op.ns), op);
      case 'ip.restore':
        return;
      case 'bridge.add':
        return this.#insert(op.ns, {
          ...BLANK,
          ifindex: op.ifindex ?? ++this.#indexes,
          ifname: op.dev,
          kind: 'bridge',
          group: op.group,
          alias: op.alias,
          up: op.raise,
        });
      case 'bridge.raise':
        return this.meddle(op.ns, op.dev, { up: true, alias: op.alias });
      case 'tunnel.add':
        return this.#addTunnel(op);
      case 'tunnel.flood':
        return this.meddle(op.ns, op.dev, flooded(this.#at(op.ns).links, op));
      case 'trunk.add':
        return this.#insert(op.ns, trunkMade(op, ++this.#indexes));
      case 'trunk.tie':
      case 'trunk.cut':
        return void Object.assign(this.#at(op.ns), afterTrunkOp(this.#at(op.ns).links, op));
      case 'port.attach':
        return this.#attach(op);
      case 'group.set':
        for (const { group, ifname } of this.#at(op.ns).links)
          if (group === op.group) this.meddle(op.ns, ifname, { up: op.up });
        return;
      case 'nat.set':
        for (const comment of op.del) this.#at(op.ns).rules.delete(comment);
        for (const { comment } of op.add) this.#at(op.ns).rules.set(comment, 2);
        return;
      case 'route.set':
      case 'ethtool.set':
        return this.#setOnDevice(op);
      case 'uplink.rename':
        return this.meddle(op.ns, op.dev, { ifname: op.to, alias: op.alias ?? '' });
      case 'qdisc.netem':
        return this.meddle(op.ns, op.dev, impairment(op.netem, op.by));
      case 'qdisc.tbf':
        return this.meddle(op.ns, op.dev, shaping(op));
      case 'wire.patch':
        this.#at(op.ns).links = tied(this.#at(op.ns).links, op.devA, op.devB);
        return;
      case 'wire.cut':
        return this.meddle(op.ns, op.dev, { redirect: null, program: null });
      case 'ovs.start':
        this.#instances.set(op.ns, {
          bridges: this.#instances.get(op.ns)?.bridges ?? new Map(),
          directory: op.directory,
          running: true,
        });
        return;
      case 'ovs.stop':
        for (const name of this.#instances.get(op.ns)?.bridges.keys() ?? []) this.#deleteOvsBridge(op.ns, name);
        this.#instances.delete(op.ns);
        return;
      case 'ovs.bridge':
        return this.#ovsBridge(op);
      case 'ovs.port':
        return this.#ovsPort(op);
      case 'ovs.del':
        if (op.what === 'bridge') return this.#deleteOvsBridge(op.ns, op.dev);
        for (const { ports } of this.#instances.get(op.ns)?.bridges.values() ?? []) ports.delete(op.dev);
        return;
      default:
        throw new Error(`unknown op ${(op satisfies never as Op).op}`);
    }
  }

  #has(ns: NsId, dev: string): boolean {
    return this.#namespaces.get(ns)?.links.some((link) => link.ifname === dev) ?? false;
  }

  #running(ns: NsId): Instance {
    const instance = this.#instances.get(ns);
    if (!instance?.running) throw new Error(`no Open vSwitch in ${ns}`);
    return instance;
  }

  #ovsBridge(op: OvsBridge): void {
    const { bridges } = this.#running(op.ns);
    const row = { datapath: op.datapath, mcastSnooping: op.mcastSnooping };
    bridges.set(op.dev, { row, ports: bridges.get(op.dev)?.ports ?? new Set() });
    const kind = op.datapath === 'netdev' ? 'tun' : 'openvswitch';
    if (!this.#has(op.ns, op.dev))
      this.#insert(op.ns, { ...BLANK, ifindex: ++this.#indexes, ifname: op.dev, kind, group: 0 });
    this.meddle(op.ns, op.dev, { kind, group: op.group, alias: op.alias, up: true });
  }

  #ovsPort(op: OvsPort): void {
    const { bridges } = this.#running(op.ns);
    const port = this.#at(op.ns).links.find((link) => link.ifname === op.dev);
    if (!port) throw new Error(`ENODEV ${op.ns} ${op.dev}`);
    if (port.master !== 0 && !op.release) throw new Error(`EBUSY ${op.dev}`);
    for (const { ports } of bridges.values()) ports.delete(op.dev);
    const bridge = bridges.get(op.bridge);
    if (!bridge) throw new Error(`no bridge ${op.bridge}`);
    bridge.ports.add(op.dev);
    const { alias, mtuBytes } = op;
    this.meddle(op.ns, op.dev, {
      master: 0,
      alias,
      ...(op.raise ? { up: true } : {}),
      ...(mtuBytes === null ? {} : { mtuBytes }),
    });
  }

  #deleteOvsBridge(ns: NsId, name: string): void {
    this.#instances.get(ns)?.bridges.delete(name);
    const device = this.#namespaces.get(ns)?.links.find((link) => link.ifname === name && link.kind !== 'bridge');
    if (device) this.#delete(ns, device.ifindex);
  }

  #insert(ns: NsId, link: LinkDump): void {
    const { links } = this.#at(ns);
    if (links.some((one) => one.ifname === link.ifname || one.ifindex === link.ifindex))
      throw new Error(`EEXIST ${ns} ${link.ifname}`);
    links.push(link);
  }

  #addLink(op: LinkAdd): void {
    const on = parentOf(op);
    const peer = peerOf(op);
    const parent = on ? this.#parentOf(op, on) : null;
    const ifindex = op.ifindex ?? ++this.#indexes;
    const peerIndex = peer ? ++this.#indexes : (parent?.ifindex ?? 0);
    const device = {
      ...BLANK,
      ifindex,
      ifname: op.dev,
      kind: op.make.type,
      txQueues: op.queues,
      ...seenData(op.make),
      peerIndex,
      peerNsid: on && on.ns !== op.ns ? 0 : -1,
      mtuBytes: parent?.mtuBytes ?? BLANK.mtuBytes,
    };
    this.#insert(op.ns, withSettings(device, op.settings));
    if (on && parent) this.#parents.set(`${op.ns} ${ifindex}`, `${on.ns} ${parent.ifindex}`);
    if (peer) {
      const { ns } = peer;
      this.#insert(ns, otherEnd(peer, { txQueues: op.queues, ifindex: peerIndex, peerIndex: ifindex }));
      this.#peers.set(`${op.ns} ${ifindex}`, { ns, ifindex: peerIndex });
      this.#peers.set(`${ns} ${peerIndex}`, { ns: op.ns, ifindex });
    }
    giveAddresses(this.#at(op.ns), ifindex, op.addresses);
    if (op.settings.up) giveRoutes(this.#at(op.ns), ifindex, op.routes);
  }

  /** The parent of a new device. Throws if the parent can't have it. */
  #parentOf(op: LinkAdd, { ns, dev }: { readonly ns: NsId; readonly dev: string }): LinkDump {
    const parent = this.#at(ns).links.find((link) => link.ifname === dev);
    if (!parent) throw new Error(`ENODEV ${ns} ${dev}`);
    if (ns !== op.ns && this.#at(ns).links.some((link) => link.ifindex === op.ifindex)) throw new Error(`EEXIST ${ns}`);
    if ((op.settings.mtuBytes ?? 0) > parent.mtuBytes) throw new Error(`EINVAL ${op.dev} mtu`);
    const vlanId = 'vlanId' in op.make ? op.make.vlanId : null;
    if (vlanId !== null && op.settings.up && !parent.up) throw new Error(`ENETDOWN ${op.dev}`);
    for (const [child, its] of this.#parents) {
      if (its !== `${ns} ${parent.ifindex}`) continue;
      const other = this.#find(child);
      if (vlanId !== null && other?.vlanId === vlanId) throw new Error(`EEXIST vlan ${vlanId} of ${dev}`);
      if (vlanId === null && other?.mode === 'passthru') throw new Error(`EINVAL ${dev} is passed through`);
    }
    return parent;
  }

  #find(identity: string): LinkDump | undefined {
    const [ns, ifindex] = identity.split(' ') as [NsId, string];
    return this.#namespaces.get(ns)?.links.find((link) => link.ifindex === Number(ifindex));
  }

  #setLink(op: LinkSet): void {
    const space = this.#at(op.ns);
    const at = space.links.findIndex((link) =>
      isMade(op.ifindex) ? link.ifname === op.dev : link.ifindex === op.ifindex,
    );
    const link = space.links[at];
    if (!link) throw new Error(`ENODEV ${op.ns} ${op.dev}`);
    space.links[at] = { ...withSettings(link, op.settings), ...(op.data === null ? {} : seenData(op.data)) };
    if (op.settings.up === false) {
      space.routes = space.routes.filter((route) => route.ifindex !== link.ifindex);
      space.addresses = space.addresses.filter((one) => one.ifindex !== link.ifindex || !one.address.includes(':'));
    }
    this.#tellChildren(`${op.ns} ${link.ifindex}`, op.settings);
    giveAddresses(this.#at(op.ns), link.ifindex, op.addAddresses);
    giveRoutes(this.#at(op.ns), link.ifindex, op.addRoutes);
  }

  /**
   * Passes a change on to child devices: vlans go up and down with their parent, and no child keeps an MTU larger than its
   * parent's.
   */
  #tellChildren(parent: string, { up, mtuBytes }: DeviceSettings): void {
    for (const [child, its] of this.#parents) {
      const device = its === parent ? this.#find(child) : undefined;
      if (!device) continue;
      const [ns] = child.split(' ') as [NsId];
      if (up !== null && device.kind === 'vlan') this.meddle(ns, device.ifname, { up });
      if (mtuBytes !== null && device.mtuBytes > mtuBytes) this.meddle(ns, device.ifname, { mtuBytes });
    }
  }

  #addTunnel(op: TunnelAdd): void {
    const { ns, dev, kind, group, underlay } = op;
    const ifindex = op.ifindex ?? ++this.#indexes;
    if (underlay !== ns && this.#at(underlay).links.some((link) => link.ifindex === ifindex))
      throw new Error(`EEXIST ${underlay} ${ifindex}`);
    const tunnel = tunnelMade(op);
    this.#insert(ns, { ...BLANK, ifindex, ifname: dev, kind, group, tunnel, peerNsid: underlay === ns ? -1 : 0 });
  }

  #setOnDevice(op: RouteSet | EthtoolSet): void {
    const space = this.#at(op.ns);
    const device = space.links.find((link) => link.ifname === op.dev);
    if (!device && op.op === 'route.set' && op.add.length === 0) return;
    if (!device?.up) throw new Error(`ENETDOWN ${op.ns} ${op.dev}`);
    if (op.op === 'ethtool.set') return this.meddle(op.ns, op.dev, withFeatures(device, op));
    space.routes = withoutRoutes(space.routes, device.ifindex, op.del);
    giveRoutes(this.#at(op.ns), device.ifindex, op.add);
  }

  #attach(op: PortAttach): void {
    for (const { bridges } of this.#instances.values()) {
      for (const { ports } of bridges.values()) if (ports.has(op.dev)) throw new Error(`EBUSY ${op.dev}`);
    }
    this.meddle(op.ns, op.dev, attached(this.#at(op.ns).links, op));
  }

  #delete(ns: NsId, ifindex: number): void {
    const key = `${ns} ${ifindex}`;
    const peer = this.#peers.get(key);
    this.#peers.delete(key);
    const space = this.#namespaces.get(ns);
    if (space) {
      space.links = afterLossOf(space.links, ifindex);
      space.addresses = space.addresses.filter((entry) => entry.ifindex !== ifindex);
      space.routes = space.routes.filter((entry) => entry.ifindex !== ifindex);
    }
    if (peer) this.#delete(peer.ns, peer.ifindex);
    this.#parents.delete(key);
    for (const [child, parent] of [...this.#parents]) {
      if (parent !== key) continue;
      const [childNs, index] = child.split(' ') as [NsId, string];
      this.#delete(childNs, Number(index));
    }
  }
}
