/** conlink's `--show-config`: the enriched configuration, in the form that conlink's tools read. */
import { bridgeOf, hasOwnMac, linkKind } from '../kinds/links/link-kinds.ts';
import { autoMac } from '../net/mac.ts';
import { printNetem } from './text/netem-print.ts';
import type { BridgeSpec, CommandSpec, LinkSpec, Selector, Topology, TunnelSpec } from './topology.ts';

interface NodeConfig {
  links?: Record<string, unknown>[];
  commands?: Record<string, unknown>[];
}

type Nodes = Map<string, NodeConfig>;

/**
 * The value that is printed as one line of JSON. Namespaces are under the key `netns`, which conlink does not have, and
 * entries of `nodes:` are among them. Links of the host are under `host`.
 */
export function showConfig(topology: Topology): Record<string, unknown> {
  const bridges = Object.fromEntries(topology.bridges.map((bridge) => [bridge.name, shownBridge(bridge)]));
  const nodes = {
    container: new Map(),
    service: new Map(),
    netns: new Map(),
    node: new Map(),
    host: new Map(),
  } satisfies Record<Selector['kind'], Nodes>;
  const nodeOf = ({ kind, name }: Selector): NodeConfig => {
    const known = (nodes[kind] as Nodes).get(name) ?? {};
    nodes[kind].set(name, known);
    return known;
  };
  for (const link of topology.links) {
    const node = nodeOf(link.selector);
    node.links = node.links ?? [];
    node.links.push(linkOf(link, topology.lab, bridges));
  }
  for (const command of topology.commands) {
    const node = nodeOf(command.selector);
    node.commands = node.commands ?? [];
    node.commands.push(commandOf(command));
  }
  return {
    bridges,
    tunnels: topology.tunnels.length === 0 ? null : topology.tunnels.map(tunnelOf),
    containers: Object.fromEntries(nodes.container),
    services: Object.fromEntries(nodes.service),
    ...(nodes.netns.size === 0 ? {} : { netns: Object.fromEntries(nodes.netns) }),
    ...(nodes.node.size === 0 ? {} : { nodes: Object.fromEntries(nodes.node) }),
    ...Object.fromEntries(nodes.host),
  };
}

function linkOf(link: LinkSpec, lab: string, bridges: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const bridge = bridgeOf(link);
  const mac = link.macText ?? link.mac ?? (hasOwnMac(link) ? autoMac(lab, link.selector.name, link.dev) : null);
  const netem = link.netemText.length === 0 && link.netem !== null ? [printNetem(link.netem)] : link.netemText;
  return {
    type: link.type,
    dev: link.dev,
    ...linkKind(link.type).shown(link),
    ...shownSelector(link.selector),
    ...given('bridge', bridge === null ? null : bridges[bridge]),
    ...given('ip', link.addresses.length > 1 ? link.addresses : (link.addresses[0] ?? null)),
    ...given('mac', mac),
    ...given('mtu', link.mtuBytes),
    ...given('nat', link.nat),
    ...listed(
      'route',
      link.routes.map(({ text }) => text),
    ),
    ...listed(
      'forward',
      link.forwards.map((port) => [port.outerPort, port.innerPort, port.protocol]),
    ),
    ...listed('netem', netem),
    ethtool: link.ethtool,
    ...given('state', link.isLate ? 'late' : link.state === 'up' ? null : link.state),
    ...given('on-host-loss', link.fallsWithHost ? 'down' : null),
    ...given('queues', link.queues === 1 ? null : link.queues),
    ...link.numbers,
  };
}

function shownSelector({ kind, name }: Selector): Record<string, unknown> {
  return { [kind]: kind === 'host' ? true : name };
}

function given(key: string, value: unknown): Record<string, unknown> {
  return value === null ? {} : { [key]: value };
}

function listed(key: string, values: readonly unknown[]): Record<string, unknown> {
  return values.length === 0 ? {} : { [key]: values };
}

function shownBridge(bridge: BridgeSpec): Record<string, unknown> {
  return {
    bridge: bridge.name,
    ...(bridge.isExternal ? { external: true } : { mode: bridge.mode }),
    ...given('datapath', bridge.datapath),
    ...(bridge.mcastSnooping ? { 'mcast-snooping': true } : {}),
    ...bridge.extra,
  };
}

function tunnelOf(tunnel: TunnelSpec): Record<string, unknown> {
  const { type, bridge, remote, vni, netemText, netemWritten, extra } = tunnel;
  const isImpaired = netemText.length === 0 && tunnel.netem !== null;
  const netem = isImpaired && tunnel.netem !== null ? [printNetem(tunnel.netem)] : (netemWritten ?? netemText);
  return { type, bridge, remote, vni, ...(netem.length === 0 ? {} : { netem }), ...extra };
}

function commandOf(command: CommandSpec): Record<string, unknown> {
  return { ...shownSelector(command.selector), command: command.command, ...command.extra };
}
