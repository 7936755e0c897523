import { sameLab } from '../../src/net/mark.ts';
import type { NsId } from '../../src/net/ns-id.ts';
import type { Seen, SeenDevice, SeenImpairment } from '../../src/wire/monitor.ts';
import { dump } from '../netlink/ask.ts';
import * as nl from '../netlink/constants.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import * as tc from '../netlink/tc-constants.ts';
import { readAddress } from '../rtnl/address-dump.ts';
import { dumpAddresses, dumpLinksAs } from '../rtnl/dump.ts';
import { readLink } from '../rtnl/link-dump.ts';
import { getQdiscs, type QdiscDump, readQdisc } from '../rtnl/qdisc.ts';
import { isLinkLocal } from './change.ts';

/** linux/if.h. */
const IFF_LOWER_UP = 1 << 16;

/** Puts down what is seen of the devices of a lab: each message that says something new, in the kernel's order. */
export class Witness {
  readonly #group: number;
  /** By namespace: the devices of the lab, each as text. */
  readonly #known = new Map<NsId, Map<number, string>>();
  #seen: Seen[] = [];

  constructor(group: number) {
    this.#group = group;
  }

  /** What was seen since the last call. */
  take(): readonly Seen[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** A notification of rtnetlink, from a namespace. Accepts any bytes. */
  note(ns: NsId, type: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case nl.RTM_NEWLINK:
      case nl.RTM_DELLINK:
        return this.#noteDevice(ns, type === nl.RTM_DELLINK, readDevice(bytes, start, end));
      case nl.RTM_NEWADDR:
      case nl.RTM_DELADDR: {
        const address = readAddress(bytes, start, end);
        if (address === null || isLinkLocal(address.address) || !this.#isKnown(ns, address.ifindex)) return;
        const { ifindex, address: prefix } = address;
        const isGone = type === nl.RTM_DELADDR;
        this.#seen.push({ seen: 'address', ns, address: { ifindex, address: prefix }, isGone });
        return;
      }
      case tc.RTM_NEWQDISC:
      case tc.RTM_DELQDISC:
        return this.#noteQdisc(ns, type === tc.RTM_DELQDISC, readQdisc(bytes, start, end));
    }
  }

  /** Reads all that the lab has in a namespace. `socket` is of that namespace; null: it is gone. Throws SystemFault. */
  look(ns: NsId, socket: NetlinkSocket | null, inode: number | null): void {
    if (socket === null) {
      this.forget(ns);
      this.#seen.push({ seen: 'namespace', ns, inode: null, devices: [], addresses: [], impairments: [] });
      return;
    }
    const devices = dumpLinksAs(socket, false, readDevice).filter((device) => this.#isOurs(device));
    const known = new Map(devices.map((device) => [device.ifindex, textOf(device)]));
    this.#known.set(ns, known);
    const addresses = devices.length === 0 ? [] : dumpAddresses(socket);
    const impairments = devices.length === 0 ? [] : dumpImpairments(socket);
    this.#seen.push({
      ...{ seen: 'namespace', ns, inode, devices },
      addresses: addresses
        .filter(({ ifindex, address }) => known.has(ifindex) && !isLinkLocal(address))
        .map(({ ifindex, address }) => ({ ifindex, address })),
      impairments: impairments.filter(({ ifindex }) => known.has(ifindex)),
    });
  }

  forget(ns: NsId): void {
    this.#known.delete(ns);
  }

  #isOurs({ group }: SeenDevice): boolean {
    return sameLab(group, this.#group);
  }

  #isKnown(ns: NsId, ifindex: number): boolean {
    return this.#known.get(ns)?.has(ifindex) ?? false;
  }

  #noteDevice(ns: NsId, isDeleted: boolean, device: SeenDevice | null): void {
    if (device === null) return;
    const { ifindex } = device;
    const known = this.#known.get(ns) ?? new Map<number, string>();
    this.#known.set(ns, known);
    // Somebody can also take the lab's group from a device.
    if (isDeleted || !this.#isOurs(device)) {
      if (known.delete(ifindex)) this.#seen.push({ seen: 'gone', ns, ifindex });
      return;
    }
    const text = textOf(device);
    if (known.get(ifindex) === text) return;
    known.set(ifindex, text);
    this.#seen.push({ seen: 'device', ns, device });
  }

  #noteQdisc(ns: NsId, isDeleted: boolean, qdisc: QdiscDump | null): void {
    if (qdisc === null || qdisc.parent !== tc.TC_H_ROOT || !this.#isKnown(ns, qdisc.ifindex)) return;
    if (isDeleted && !isImpairment(qdisc)) return;
    const impairment = isDeleted ? { ifindex: qdisc.ifindex, root: null } : impairmentOf(qdisc);
    const last = this.#seen.at(-1);
    // A replaced qdisc is told as one that is deleted and one that is new.
    if (last?.seen === 'impairment' && last.ns === ns && last.impairment.ifindex === qdisc.ifindex) this.#seen.pop();
    this.#seen.push({ seen: 'impairment', ns, impairment });
  }
}

/** Reads the payload of one RTM_NEWLINK or RTM_DELLINK; null if it is too short. */
function readDevice(bytes: Buffer, start: number, end: number): SeenDevice | null {
  const link = readLink(bytes, start, end, false);
  if (link === null) return null;
  const { ifindex, ifname, kind, group, alias, mac, mtuBytes, up, operstate, master, peerIndex } = link;
  const hasCarrier = (bytes.readUInt32LE(start + 8) & IFF_LOWER_UP) !== 0;
  return { ifindex, ifname, kind, group, alias, mac, mtuBytes, up, hasCarrier, operstate, master, peerIndex };
}

function textOf(device: SeenDevice): string {
  return Object.values(device).join(' ');
}

function dumpImpairments(socket: NetlinkSocket): readonly SeenImpairment[] {
  const qdiscs = dump(socket, 'RTM_GETQDISC', (batch) => getQdiscs(batch, nl.NLM_F_DUMP), readQdisc);
  return qdiscs.filter((qdisc) => qdisc.parent === tc.TC_H_ROOT && isImpairment(qdisc)).map(impairmentOf);
}

function isImpairment({ kind }: QdiscDump): boolean {
  return kind === 'netem' || kind === 'tbf';
}

function impairmentOf({ ifindex, kind, handle, netem }: QdiscDump): SeenImpairment {
  return { ifindex, root: kind === 'netem' || kind === 'tbf' ? { kind, handle, netem } : null };
}
