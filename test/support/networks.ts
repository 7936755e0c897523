/** Makes networks for tests of the pure stages: one link per line, everything else by default. */

import type { BridgeMode } from '../../src/kinds/bridge-modes.ts';
import { hasOwnMac } from '../../src/kinds/links/link-kinds.ts';
import type { NsId } from '../../src/net/ns-id.ts';
import { isFault } from '../../src/topology/text/fault.ts';
import { parseNetem } from '../../src/topology/text/netem.ts';
import { parseRoute } from '../../src/topology/text/route.ts';
import type { BridgeSpec, Link, LinkSpec, Network, Node } from '../../src/topology/topology.ts';
import type { Forward, Netem } from '../../src/topology/values.ts';
import { linkSpec } from './model/link-specs.ts';

export interface Wanted {
  readonly node: string;
  readonly dev: string;
  readonly bridge?: string;
  readonly type?: LinkSpec['type'];
  readonly mac?: string;
  readonly mtuBytes?: number;
  readonly addresses?: readonly string[];
  readonly routes?: readonly string[];
  readonly state?: 'up' | 'down';
  readonly numbers?: LinkSpec['numbers'];
  readonly queues?: number;
  readonly outerDev?: string;
  /** The parent of a child device, and whose namespace it is in. */
  readonly parent?: { readonly dev: string; readonly base: 'host' | 'local' };
  readonly mode?: string;
  readonly vlanId?: number;
  readonly nat?: string;
  readonly forwards?: readonly Forward[];
  readonly ethtool?: readonly string[];
  /** Options of netem, as in tc-netem(8). */
  readonly netem?: string;
}

/** The namespace of the host's devices in these networks. */
const HOST: NsId = 'self';

/** A network of named namespaces. Bridges are `linux` unless `modes` says otherwise. */
export function networkOf(
  lab: string,
  wanted: readonly Wanted[],
  modes: Readonly<Record<string, BridgeMode>> = {},
  datapaths: Readonly<Record<string, BridgeSpec['datapath']>> = {},
): Network {
  const nodes = new Map<string, Node>();
  for (const { node } of wanted)
    nodes.set(node, { kind: 'netns', name: node, ns: `netns/${node}`, id: null, service: null, index: 1 });
  const bridges = [...new Set(wanted.flatMap(({ bridge }) => (bridge === undefined ? [] : [bridge])))];
  return {
    lab,
    nodes: [...nodes.values()],
    links: wanted.map((one) => linkOf(one, nodes.get(one.node) as Node, modes)),
    bridges: bridges.map((name) => bridgeOf(name, modes[name] ?? 'linux', datapaths[name] ?? null)),
    tunnels: [],
    refused: new Map(),
    pending: [],
  };
}

function bridgeOf(name: string, mode: BridgeMode, datapath: BridgeSpec['datapath']): BridgeSpec {
  return { name, mode, datapath, mcastSnooping: false, extra: {}, where: () => undefined };
}

function linkOf(wanted: Wanted, node: Node, modes: Readonly<Record<string, BridgeMode>>): Link {
  const routes = (wanted.routes ?? []).map((text) => {
    const route = parseRoute(text);
    if (isFault(route)) throw new Error(route.message);
    return route;
  });
  const isDirect = wanted.bridge !== undefined && modes[wanted.bridge] === 'direct';
  const { parent } = wanted;
  const spec = linkSpec(
    { kind: 'netns', name: node.name },
    {
      dev: wanted.dev,
      ...(wanted.type && { type: wanted.type }),
      ...(wanted.bridge !== undefined && { bridge: wanted.bridge }),
      ...(wanted.mode !== undefined && { mode: wanted.mode }),
      ...(wanted.vlanId !== undefined && { vlanId: wanted.vlanId }),
      ...(parent && { base: parent.base }),
      outerDev: parent?.dev ?? wanted.outerDev ?? null,
      mac: wanted.mac ?? null,
      addresses: wanted.addresses ?? [],
      mtuBytes: wanted.mtuBytes ?? (parent === undefined ? 65_535 : null),
      routes,
      state: wanted.state ?? 'up',
      queues: wanted.queues ?? 1,
      nat: wanted.nat ?? null,
      forwards: wanted.forwards ?? [],
      netem: wanted.netem === undefined ? null : netemOf(wanted.netem),
      ethtool: ['--offload tx off', ...(wanted.ethtool ?? [])],
      numbers: wanted.numbers ?? {},
    },
  );
  const named = {
    id: `${node.name}:${wanted.dev}`,
    node,
    dev: wanted.dev,
    mac: hasOwnMac(spec) ? (wanted.mac ?? `c2:00:00:00:${hex(node.name)}:${hex(wanted.dev)}`) : null,
    addresses: spec.addresses,
    forwards: spec.forwards,
  };
  if ('parent' in spec) {
    return { ...named, spec, parent: { ns: spec.parent.base === 'host' ? HOST : node.ns, dev: spec.parent.dev } };
  }
  if (!('bridge' in spec)) return { ...named, spec };
  return { ...named, spec, outerDev: isDirect ? null : (wanted.outerDev ?? `${node.name}-${wanted.dev}`) };
}

function netemOf(text: string): Netem {
  const netem = parseNetem(text);
  if (isFault(netem)) throw new Error(netem.message);
  return netem;
}

function hex(text: string): string {
  const sum = [...text].reduce((total, char) => (total * 31 + char.charCodeAt(0)) % 256, 7);
  return sum.toString(16).padStart(2, '0');
}
