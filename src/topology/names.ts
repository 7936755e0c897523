/** Names of the outer ends of veths, and the checks for names that clash, before the kernel is touched. */

import { diagnosticOf } from '../errors.ts';
import { traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf, givenOuterDev } from '../kinds/links/link-kinds.ts';
import { sha256Base32x5, sha256Hex } from '../net/digest.ts';
import { IFNAME_MAX_BYTES } from '../net/ifname.ts';
import type { NsId } from '../net/ns-id.ts';
import { type Finding, faultOf, refusing } from './finding.ts';
import { outerDevOf } from './links.ts';
import type { Link, Network, Node, Selector, TunnelSpec } from './topology.ts';

/** With a longer device name, `c<id8>-<dev>` has more than 15 bytes. */
const SHORT_DEV_BYTES = 5;

/**
 * Returns the function that names outer ends: `SERVICE_INDEX-DEV` or `NODE-DEV` if that has at most 15 bytes, else
 * `c<id8>-DEV`, else `c<id8>-<hash5 of DEV>`. id8 is from the container's id, or from SHA-256(name) for a namespace. A
 * name depends only on its own link. The function caches hashes, so make one for each run.
 */
export function outerNamer(): (selector: Selector, node: Node, dev: string) => string {
  const ids = new Map<Node, string>();
  const devs = new Map<string, string>();
  return (selector, node, dev) => {
    const owner = selector.kind === 'service' ? `${selector.name}_${node.index}` : node.name;
    const plain = `${owner}-${dev}`;
    if (byteLength(plain) <= IFNAME_MAX_BYTES) return plain;
    const id = remembered(ids, node, () => (node.id ?? sha256Hex(node.name)).slice(0, 8));
    const tail = byteLength(dev) <= SHORT_DEV_BYTES ? dev : remembered(devs, dev, () => sha256Base32x5(dev));
    return `c${id}-${tail}`;
  };
}

/**
 * Name of an outer end on a bridge of the host, where other labs and others have theirs: `c<id8>-DEV`, or with the hash of DEV, id8 of
 * SHA-256(lab NUL node).
 */
export function externalOuterName(lab: string, node: string, dev: string): string {
  const tail = byteLength(dev) <= SHORT_DEV_BYTES ? dev : sha256Base32x5(dev);
  return `c${sha256Hex(`${lab}\0${node}`).slice(0, 8)}-${tail}`;
}

function remembered<K>(memory: Map<K, string>, key: K, make: () => string): string {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

/** The name of a tunnel's device, the same as conlink's. */
export function tunnelDev({ type, vni }: Pick<TunnelSpec, 'type' | 'vni'>): string {
  return `${type}-${vni}`;
}

/** The name of the trunk of a switch namespace: `trunk-<hash8>` over lab and namespace, since trunks of several labs can be in one namespace. */
export function trunkDev(lab: string, ns: NsId): string {
  return `trunk-${sha256Hex(`${lab}\0${ns}`).slice(0, 8)}`;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

/** Finds things that have the same name. Part of `checkNetwork`. */
export function findClashes(network: Network): readonly Finding[] {
  return [...nodeClashes(network), ...deviceClashes(network), ...switchClashes(network)];
}

/**
 * Reports two nodes of one name: two engines may each run a container of that name. NODE:DEV would then mean two links.
 */
function nodeClashes(network: Network): readonly Finding[] {
  const found: Finding[] = [];
  const seen = new Map<string, Node>();
  for (const node of network.nodes) {
    const key = `${node.kind}/${node.name}`;
    const other = seen.get(key);
    if (other !== undefined) {
      const message = `two running containers are called ${node.name}: ${short(other)} and ${short(node)}`;
      const links = network.links.filter((link) => link.node === other || link.node === node);
      found.push({ ...diagnosticOf('node-clash', message, { hint: 'stop or rename one of them' }), links });
    }
    seen.set(key, node);
  }
  return found;
}

function short(node: Node): string {
  return (node.id ?? '').slice(0, 12);
}

/** Reports two devices of one name in a namespace. Names can't tell the two apart, so neither is made. */
function deviceClashes(network: Network): readonly Finding[] {
  const found: Finding[] = [];
  const seen = new Map<Node, Map<string, Link>>();
  for (const link of network.links) {
    const devs = seen.get(link.node) ?? new Map<string, Link>();
    seen.set(link.node, devs);
    const other = devs.get(link.dev);
    if (other !== undefined) {
      const error = faultOf('device-clash', link, 'is asked for twice', {
        hint: 'give one of the two links another dev',
      });
      found.push(refusing(error, [other, link]));
    }
    devs.set(link.dev, link);
  }
  return found;
}

/** What has a name: a bridge or a tunnel as text, or a link by its outer end or (of the host) its own device. */
type Holder = string | { readonly link: Link; readonly end: 'outer end' | 'device' };

/** Outer ends, bridges and tunnels share the switch side; outer ends on bridges of the host and the host's links share its namespace. */
function switchClashes(network: Network): readonly Finding[] {
  const found: Finding[] = [];
  const taken = new Map<string, Holder>();
  const takenOnHost = new Map<string, Holder>();
  const external = new Set<string>();
  for (const bridge of network.bridges) {
    if (bridge.isExternal) external.add(bridge.name);
    if (traitsOf(bridge).isDevice) (bridge.isExternal ? takenOnHost : taken).set(bridge.name, `bridge ${bridge.name}`);
  }
  for (const tunnel of network.tunnels) {
    const name = tunnelDev(tunnel);
    const other = taken.get(name);
    if (other !== undefined) {
      const message = `the tunnel ${name} has the name of ${ownerOf(other)}`;
      found.push(diagnosticOf('device-clash', message, { where: tunnel.where() }));
    }
    taken.set(name, `tunnel ${name}`);
  }
  const spaceOf = (link: Link): Map<string, Holder> => (external.has(bridgeOf(link.spec) ?? '') ? takenOnHost : taken);
  return [...found, ...network.links.flatMap((link) => linkClashes(link, spaceOf(link), takenOnHost))];
}

function linkClashes(link: Link, space: Map<string, Holder>, host: Map<string, Holder>): readonly Finding[] {
  const name = outerDevOf(link);
  return [
    ...(name === null ? [] : take(space, name, { link, end: 'outer end' })),
    ...(link.node.kind === 'host' ? take(host, link.dev, { link, end: 'device' }) : []),
  ];
}

function ownerOf(holder: Holder): string {
  if (typeof holder === 'string') return holder;
  return holder.end === 'device' ? `the host's ${holder.link.id}` : `the outer end of ${holder.link.id}`;
}

function take(space: Map<string, Holder>, name: string, holder: Exclude<Holder, string>): readonly Finding[] {
  const other = space.get(name);
  if (other === undefined) {
    space.set(name, holder);
    return [];
  }
  const { link, end } = holder;
  const isOther = typeof other !== 'string';
  // Two links of one node are compared by their node.
  if (end === 'device' && isOther && other.end === 'device') return [];
  const said =
    end === 'device' ? `has the name of ${ownerOf(other)}` : `would be ${name}, the name of ${ownerOf(other)}`;
  const error = faultOf('device-clash', link, end === 'device' ? said : `its outer end ${said}`, {
    message: end === 'device' ? `${link.id} ${said}` : `the outer end of ${link.id} ${said}`,
    hint: end === 'device' ? 'give it another dev' : adviceFor(link),
  });
  return [refusing(error, [link], isOther ? [other.link, link] : [link])];
}

function adviceFor(link: Link): string {
  if (givenOuterDev(link.spec) === null) return 'choose another name for one of them';
  return link.spec.selector.kind === 'service'
    ? 'leave out outer-dev, so that each replica gets a name of its own'
    : 'choose another outer-dev';
}
