/** Topology → Network: makes each link of each node that runs now, with its replica's offsets and all names filled in. */

import { type Diagnostic, diagnosticOf } from '../errors.ts';
import { bridgesThat } from '../kinds/bridge-modes.ts';
import { hasOwnMac } from '../kinds/links/link-kinds.ts';
import { addToMac, autoMac } from '../net/mac.ts';
import type { NsId } from '../net/ns-id.ts';
import { addToPrefix } from '../net/offset.ts';
import { nodeLabelOf } from './links.ts';
import { externalOuterName, outerNamer } from './names.ts';
import { nodeTable } from './nodes.ts';
import type {
  Container,
  DummyLink,
  Link,
  LinkSpec,
  Network,
  Node,
  ProjectFilter,
  Refusal,
  Topology,
  VethSpec,
} from './topology.ts';
import type { Forward } from './values.ts';

/**
 * The containers that run, as an engine lists them. Named network namespaces are made if missing, so all of them count
 * as running.
 */
export interface Running {
  readonly containers: readonly Container[];
  readonly netns: 'all';
  /** The host's namespace. The parents of vlan, macvlan and ipvlan links are there unless a link says otherwise, and so are devices of `host: true`. */
  readonly host: NsId;
}

export interface Instantiated {
  readonly network: Network;
  /** Warnings of replica offsets that leave their prefix. Errors are in the network's `refused`. */
  readonly diagnostics: readonly Diagnostic[];
}

const PORT_MAX = 65535;

/**
 * Matches selectors to nodes and makes each node's links. A `service` selector matches the compose label within the
 * project of `filter` (null: any project). A `container` selector matches the exact name in any project. A `netns`
 * selector always matches. Only links of a `service` are offset by the replica number. Links keep the order of the
 * configuration; replicas are in the order of their numbers.
 */
export function instantiate(topology: Topology, running: Running, filter: ProjectFilter | null): Instantiated {
  const nodes = nodeTable(topology, running.containers, filter, running.host);
  const placed = placer(topology, running.host);
  const links: Link[] = [];
  const refused = new Map<Link, Refusal>();
  const diagnostics: Diagnostic[] = [];
  for (const spec of topology.links) {
    const faults = new ReplicaFaults(spec);
    for (const node of nodes.matching(spec.selector)) {
      const offset = spec.selector.kind === 'service' ? Math.max(0, node.index - 1) : 0;
      const values = offsetValues(topology.lab, spec, node, offset, faults);
      const id = `${nodes.labelOf(node)}:${spec.dev}`;
      const { mac, addresses, forwards } = typeof values === 'string' ? NO_VALUES : values;
      const link = placed(spec, { id, node, dev: spec.dev, mac, addresses, forwards });
      links.push(link);
      if (typeof values === 'string') refused.set(link, refusalOf(spec, values));
    }
    diagnostics.push(...faults.diagnostics);
  }
  const { lab, bridges, tunnels } = topology;
  return {
    network: { lab, nodes: nodes.nodes, links, refused, bridges, tunnels, pending: nodes.pending },
    diagnostics,
  };
}

type Named = Omit<DummyLink, 'spec'>;

/**
 * Adds what the link's type needs besides its device: a parent, or the name of an outer end unless the link is direct.
 */
function placer(topology: Topology, host: NsId): (spec: LinkSpec, named: Named) => Link {
  const outerName = outerNamer();
  const direct = bridgesThat(topology.bridges, ({ hasPorts }) => !hasPorts);
  const external = new Set(topology.bridges.flatMap(({ name, isExternal }) => (isExternal ? [name] : [])));
  const outerDevOf = (spec: VethSpec, named: Named): string | null => {
    if (direct.has(spec.bridge)) return null;
    if (spec.outerDev !== null) return spec.outerDev;
    if (external.has(spec.bridge)) return externalOuterName(topology.lab, nodeLabelOf(named), spec.dev);
    return outerName(spec.selector, named.node, spec.dev);
  };
  return (spec, named) => {
    // Each shape is written out: where objects are spread into others, the engine gives each a description of its own, larger than the link.
    const { id, node, dev, mac, addresses, forwards } = named;
    if ('parent' in spec) {
      const parent = { ns: spec.parent.base === 'local' ? node.ns : host, dev: spec.parent.dev };
      return { id, node, dev, mac, addresses, forwards, spec, parent };
    }
    if (!('bridge' in spec)) return { id, node, dev, mac, addresses, forwards, spec };
    return { id, node, dev, mac, addresses, forwards, spec, outerDev: outerDevOf(spec, named) };
  };
}

type Values = Pick<Link, 'mac' | 'addresses' | 'forwards'>;

const NO_VALUES: Values = { mac: null, addresses: [], forwards: [] };

/** The offset addresses and MAC of a replica. A string: the reason why there are none. */
function offsetValues(lab: string, spec: LinkSpec, node: Node, offset: number, faults: ReplicaFaults): Values | string {
  const mac = macOf(lab, spec, node, offset);
  if (mac === 'wraps') return `MAC ${spec.mac} plus ${offset} is past ff:ff:ff:ff:ff:ff`;
  if (offset === 0) return { mac, addresses: spec.addresses, forwards: spec.forwards };
  const addresses: string[] = [];
  for (const address of spec.addresses) {
    const sum = addToPrefix(address, offset);
    if (sum.wraps) return `address ${address} plus ${offset} is past the last address there is`;
    if (sum.leavesPrefix) faults.warn(node, `address ${address} plus ${offset} is ${sum.text}, outside its own subnet`);
    addresses.push(sum.text);
  }
  const forwards: Forward[] = [];
  for (const forward of spec.forwards) {
    const outerPort = forward.outerPort + offset;
    if (outerPort > PORT_MAX) return `forwarded port ${forward.outerPort} plus ${offset} is past ${PORT_MAX}`;
    forwards.push({ ...forward, outerPort });
  }
  return { mac, addresses, forwards };
}

function macOf(lab: string, spec: LinkSpec, node: Node, offset: number): string | null {
  if (spec.mac !== null) return addToMac(spec.mac, offset) ?? 'wraps';
  if (!hasOwnMac(spec)) return null;
  const owner = spec.selector.kind === 'service' ? spec.selector.name : node.name;
  return autoMac(lab, owner, spec.dev, offset);
}

function refusalOf(spec: LinkSpec, message: string): Refusal {
  const where = spec.where();
  const place = where === undefined ? '' : ` (${where.file}:${where.line}:${where.column})`;
  return { code: 'E_CONFIG', message: `${message}${place}`, hint: 'start from a lower value, or run fewer replicas' };
}

/** Warnings of a link's replicas. Only the first of a link is reported, since the later ones have the same cause. */
class ReplicaFaults {
  readonly diagnostics: Diagnostic[] = [];
  readonly #spec: LinkSpec;

  constructor(spec: LinkSpec) {
    this.#spec = spec;
  }

  warn(node: Node, message: string): void {
    if (this.diagnostics.length > 0) return;
    const { selector, dev, where } = this.#spec;
    const whole = `${selector.name}:${dev}, from replica ${node.index} on: ${message}`;
    const hint = 'use a shorter prefix, or run fewer replicas';
    this.diagnostics.push(diagnosticOf('replica-outside-subnet', whole, { where: where(), hint }));
  }
}
