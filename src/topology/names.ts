/** Names of the outer ends of veths, and the checks for names that clash, before the kernel is touched. */

import { diagnosticOf } from '../errors.ts';
import { traitsOf } from '../kinds/bridge-modes.ts';
import { givenOuterDev } from '../kinds/links/link-kinds.ts';
import { sha256Base32x5, sha256Hex } from '../net/digest.ts';
import { IFNAME_MAX_BYTES } from '../net/ifname.ts';
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

/** Reports clashes on the switch side, where outer ends, bridges and tunnels share one set of names. */
function switchClashes(network: Network): readonly Finding[] {
  const found: Finding[] = [];
  const taken = new Map<string, string | Link>();
  for (const bridge of network.bridges) {
    if (traitsOf(bridge).isDevice) taken.set(bridge.name, `bridge ${bridge.name}`);
  }
  for (const tunnel of network.tunnels) {
    const name = tunnelDev(tunnel);
    const other = taken.get(name);
    if (other !== undefined) {
      const message = `the tunnel ${name} has the name of ${String(other)}`;
      found.push(diagnosticOf('device-clash', message, { where: tunnel.where() }));
    }
    taken.set(name, `tunnel ${name}`);
  }
  for (const link of network.links) {
    const name = outerDevOf(link);
    if (name === null) continue;
    const other = taken.get(name);
    if (other === undefined) {
      taken.set(name, link);
      continue;
    }
    const owner = typeof other === 'string' ? other : `the outer end of ${other.id}`;
    const said = `would be ${name}, the name of ${owner}`;
    const error = faultOf('device-clash', link, `its outer end ${said}`, {
      message: `the outer end of ${link.id} ${said}`,
      hint: adviceFor(link),
    });
    found.push(refusing(error, [link], typeof other === 'string' ? [link] : [other, link]));
  }
  return found;
}

function adviceFor(link: Link): string {
  if (givenOuterDev(link.spec) === null) return 'choose another name for one of them';
  return link.spec.selector.kind === 'service'
    ? 'leave out outer-dev, so that each replica gets a name of its own'
    : 'choose another outer-dev';
}
