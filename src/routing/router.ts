/**
 * `routing/` writes configurations of FRR (zebra with ospfd, ospf6d or bgpd) for the nodes of a lab. It is pure: a Config goes in,
 * text comes out.
 *
 * This file: which nodes are routers, and what they see at each of their interfaces.
 */
import type { Config } from '../config/config.ts';
import { DEFAULT_DEV } from '../config/merge.ts';
import type { WireEnd } from '../config/nodes/ends.ts';
import type { LinkConfig } from '../config/schema.ts';
import { LinkloomError } from '../errors.ts';

/** The node at another end of the same wire or bridge. */
export interface Peer {
  /** NODE; null for what is no entry of `nodes:`. */
  readonly node: string | null;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
}

export interface Interface {
  readonly dev: string;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
  readonly peers: readonly Peer[];
  /** A wire, or a bridge that nothing else can join. */
  readonly isPointToPoint: boolean;
}

export interface Router {
  /** NODE. */
  readonly name: string;
  /** Whether it is a container; else it is a network namespace. */
  readonly isContainer: boolean;
  /** Addresses of `lo`, with their prefix lengths. */
  readonly loopbacks: readonly string[];
  readonly interfaces: readonly Interface[];
  /** Dotted, unique in the lab. */
  readonly routerId: string;
  /** From the label `asn`, else counted from 4200000000 (RFC 6996: private use). */
  readonly asn: number;
}

/** The first of the AS numbers of 32 bits for private use (RFC 6996). */
const FIRST_ASN = 4_200_000_000;
const LAST_ASN = 2 ** 32 - 1;

interface End {
  readonly node: string | null;
  readonly dev: string;
  readonly addresses: readonly string[];
}

/** The broadcast domains of a lab: what is on each bridge and wire. */
interface Domain {
  readonly ends: readonly End[];
  readonly isOpen: boolean;
}

/**
 * The nodes that `isRouter` takes, with what they are linked to. A node without links is no router. Throws E_CONFIG for a label
 * `asn` that is no number of an AS.
 */
export function routersOf(config: Config, isRouter: (name: string) => boolean): readonly Router[] {
  const interfaces = interfacesOf(config);
  const names = [...config.nodes.keys()].filter((name) => isRouter(name) && interfaces.has(name));
  return names.map((name, at) => {
    const { ip, image, labels = {} } = config.nodes.get(name)?.value ?? {};
    const loopbacks = listed(ip);
    return {
      ...{ name, loopbacks, interfaces: interfaces.get(name) ?? [] },
      isContainer: typeof image === 'string',
      routerId: loopbacks.find((address) => !address.includes(':'))?.split('/')[0] ?? numbered(at),
      asn: labels['asn'] === undefined ? FIRST_ASN + at : asnOf(name, labels['asn']),
    };
  });
}

function asnOf(node: string, text: string): number {
  const asn = /^\d+$/.test(text) ? Number(text) : 0;
  if (asn >= 1 && asn <= LAST_ASN) return asn;
  throw new LinkloomError('E_CONFIG', `the label asn of ${node} is no number of an AS: "${text}"`, {
    hint: `write a number from 1 to ${LAST_ASN}; ${FIRST_ASN} and more are for private use`,
  });
}

/** An id for a router without a loopback: 0.0.0.1 and so on. */
function numbered(at: number): string {
  const value = at + 1;
  return `0.${(value >> 16) & 255}.${(value >> 8) & 255}.${value & 255}`;
}

function interfacesOf(config: Config): ReadonlyMap<string, readonly Interface[]> {
  const found = new Map<string, Interface[]>();
  for (const { ends, isOpen } of domainsOf(config)) {
    for (const end of ends) {
      if (end.node === null) continue;
      const peers = ends.filter((other) => other !== end).map(({ node, addresses }) => ({ node, addresses }));
      const list = found.get(end.node) ?? [];
      found.set(end.node, list);
      list.push({
        ...{ dev: end.dev, addresses: end.addresses, peers },
        isPointToPoint: !isOpen && ends.length === 2,
      });
    }
  }
  return found;
}

function domainsOf(config: Config): readonly Domain[] {
  const wires = config.wires.map(({ value: { ends, links } }) => ({
    ends: [endOf(ends[0], links[0]), endOf(ends[1], links[1])],
    isOpen: false,
  }));
  const open = new Set(config.tunnels.map(({ value }) => value.bridge));
  for (const { value } of config.bridges) if (value.external) open.add(value.bridge);
  const bridges = new Map<string, End[]>();
  const alone: Domain[] = [];
  for (const { value } of config.links) {
    const end = { node: value.node ?? null, dev: value.dev ?? DEFAULT_DEV, addresses: listed(value.ip) };
    if (value.bridge === undefined) alone.push({ ends: [end], isOpen: true });
    else {
      const ends = bridges.get(value.bridge) ?? [];
      bridges.set(value.bridge, ends);
      ends.push(end);
    }
  }
  return [...wires, ...[...bridges].map(([name, ends]) => ({ ends, isOpen: open.has(name) })), ...alone];
}

function endOf(end: WireEnd, link: LinkConfig): End {
  return { node: end.kind === 'node' ? end.name : null, dev: end.dev, addresses: listed(link.ip) };
}

function listed(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

export const isIPv6 = (address: string): boolean => address.includes(':');
