/** Prints a Config in linkloom's own language: merged, with defaults written out. `-f -` takes it back. */
import { DEFAULT_LINK_TYPE, joinsBridge, linkKind } from '../kinds/links/link-kinds.ts';
import { CheckSchema } from './checks/schema.ts';
import type { Config } from './config.ts';
import { DEFAULT_DEV } from './merge.ts';
import { HealthcheckSchema, type NodeConfig, NodeSchema } from './nodes/schema.ts';
import { type WireConfig, WireSchema } from './nodes/wire-schema.ts';
import { type CommandConfig, ImpairSchema, type LinkConfig, LinkSchema, type TunnelConfig } from './schema.ts';
import { printDocument } from './text/document.ts';
import type { Format } from './text/source.ts';

export interface PrintOptions {
  readonly format: Format;
  readonly lab: string;
  /** The mode that is written into bridges that have none. */
  readonly defaultBridgeMode: string;
  /** The MTU that is written into links that have none, if the kind's default MTU is that of the lab. */
  readonly defaultMtuBytes: number;
}

/**
 * The text, with a newline at its end. To load it gives the same links, bridges, tunnels and commands, without those of services
 * whose profiles are not active.
 */
export function printConfig(config: Config, options: PrintOptions): string {
  return printDocument(plainConfig(config, options), options.format);
}

/** The same as a plain value. */
export function plainConfig(config: Config, options: Omit<PrintOptions, 'format'>): Record<string, unknown> {
  const external = new Set(config.bridges.flatMap(({ value }) => (value.external ? [value.bridge] : [])));
  const links = config.links
    .filter((link) => isActive(config, link))
    .map(({ value }) => linkOf(value, external.has(value.bridge ?? '') ? undefined : options.defaultMtuBytes));
  const tunnels = config.tunnels.map(({ value }) => tunnelOf(value));
  const commands = config.commands.filter((command) => isActive(config, command)).map(({ value }) => commandOf(value));
  const checks = config.checks.map(({ value }) => inOrder(value, Object.keys(CheckSchema.entries)));
  return {
    lab: options.lab,
    ...given('bridges', bridgesOf(config, options.defaultBridgeMode)),
    ...labParts(config),
    ...(links.length === 0 && isWhole(config) ? {} : { links }),
    ...given('tunnels', tunnels),
    ...given('commands', commands),
    ...given('checks', checks),
  };
}

/** Whether there are nodes or wires. */
function isWhole({ nodes, wires }: Config): boolean {
  return nodes.size > 0 || wires.length > 0;
}

/** Nodes and wires with their addresses. Defaults and groups are printed too, for entries that are added later. */
function labParts({ nodes, wires, defaults, groups, addressing, hosts }: Config): Record<string, unknown> {
  return present({
    defaults: defaults?.value,
    groups: groups.size === 0 ? undefined : Object.fromEntries([...groups].map(([name, { value }]) => [name, value])),
    addressing: addressing?.value,
    hosts: hosts.size === 0 ? undefined : Object.fromEntries([...hosts].map(([name, { value }]) => [name, value])),
    nodes:
      nodes.size === 0 ? undefined : Object.fromEntries([...nodes].map(([name, { value }]) => [name, nodeOf(value)])),
    wires: wires.length === 0 ? undefined : wires.map(({ value }) => wireOf(value.written)),
  });
}

function nodeOf(node: NodeConfig): Record<string, unknown> {
  const healthcheck = node.healthcheck && inOrder(node.healthcheck, Object.keys(HealthcheckSchema.entries));
  return inOrder({ ...node, healthcheck }, Object.keys(NodeSchema.entries));
}

function wireOf(wire: WireConfig): unknown {
  const full = inOrder(wire, Object.keys(WireSchema.entries));
  return Object.keys(full).length === 1 ? wire.ends : full;
}

function isActive({ inactive }: Config, { value }: { readonly value: { service?: string | undefined } }): boolean {
  return value.service === undefined || !inactive.has(value.service);
}

/** The bridges that are defined, then those that are only named. */
function bridgesOf(config: Config, mode: string): readonly object[] {
  const bridges = new Map<string, object>();
  for (const { value } of config.bridges) {
    const { bridge, mode: own, ...rest } = value;
    bridges.set(bridge, value.external ? { bridge, ...rest } : { bridge, mode: own ?? mode, ...rest });
  }
  const joining = config.links.filter((link) => isActive(config, link) && joinsBridge(link.value.type));
  for (const { value } of [...joining, ...config.tunnels]) {
    const { bridge } = value;
    if (bridge !== undefined && !bridges.has(bridge)) bridges.set(bridge, { bridge, mode });
  }
  return [...bridges.values()];
}

/** The order of a link's keys: its node and device first, then the order of the schema. A merged link has its keys in any order. */
const LINK_ORDER = [
  ...new Set([
    'service',
    'container',
    'netns',
    'node',
    'host',
    'dev',
    'type',
    'bridge',
    ...Object.keys(LinkSchema.entries),
  ]),
];

/** `defaultMtuBytes` undefined: the bridge's, which is not known here. */
function linkOf(link: LinkConfig, defaultMtuBytes: number | undefined): Record<string, unknown> {
  const { type = DEFAULT_LINK_TYPE } = link;
  const full: Record<string, unknown> = {
    ...link,
    dev: link.dev ?? DEFAULT_DEV,
    type,
    mtu: link.mtu ?? (linkKind(type).defaultMtu === 'lab' ? defaultMtuBytes : undefined),
    ip: listed(link.ip),
    route: listed(link.route),
    forward: listed(link.forward),
    netem: listed(link.netem),
    impair: link.impair && inOrder(link.impair, Object.keys(ImpairSchema.entries)),
    ethtool: listed(link.ethtool),
  };
  return inOrder(full, LINK_ORDER);
}

/** The keys that have a value, in the given order. */
function inOrder(record: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => record[key] !== undefined).map((key) => [key, record[key]]));
}

function tunnelOf(tunnel: TunnelConfig): Record<string, unknown> {
  return present({ ...tunnel, netem: listed(tunnel.netem) });
}

function commandOf(command: CommandConfig): Record<string, unknown> {
  const { service, container, netns, node, host, ...rest } = command;
  return present({ service, container, netns, node, host, ...rest });
}

function listed(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function given(key: string, list: readonly object[]): Record<string, unknown> {
  return list.length === 0 ? {} : { [key]: list };
}

/** The record without keys that have no value. */
function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
