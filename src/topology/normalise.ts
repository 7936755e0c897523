/**
 * Config → Topology: fills in every default, parses every text in another tool's language, and gives names and
 * addresses their canonical form.
 */

import { type Config, type Entry, placeOf } from '../config/config.ts';
import { Diagnostics } from '../config/diagnose.ts';
import { linkLabel } from '../config/rules.ts';
import type { CommandConfig } from '../config/schema.ts';
import type { Diagnostic } from '../errors.ts';
import { givenOuterDev } from '../kinds/links/link-kinds.ts';
import { type BridgeOptions, normaliseBridges } from './bridges.ts';
import { defineChecks } from './check/define.ts';
import { EntryReader, type LinkDefaults } from './entries/reader.ts';
import { Shared, selectorOf } from './entries/selector.ts';
import { checkIp } from './ip-checks.ts';
import { tunnelDev } from './names.ts';
import { defineNodes, loopbackPoolsOf } from './nodes/define.ts';
import { defineHosts } from './nodes/machines.ts';
import { routeReplies } from './replies.ts';
import type { CommandSpec, LinkSpec, Topology, TunnelSpec } from './topology.ts';
import { expanded } from './wires/expand.ts';

/** Options that the defaults depend on. */
export interface NormaliseOptions extends BridgeOptions, LinkDefaults {
  readonly lab: string;
}

export interface Normalised {
  readonly topology: Topology;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Fills in, parses and checks. Faults are collected with their positions. The topology holds everything that has no
 * fault.
 */
export function normalise(written: Config, options: NormaliseOptions): Normalised {
  const diagnostics = new Diagnostics();
  const nodes = defineNodes(written, options.lab, diagnostics);
  const config = expanded(written);
  const bridges = normaliseBridges(config, options, diagnostics);
  const modes = new Map(bridges.map((bridge) => [bridge.name, bridge]));
  const shared = new Shared();
  const links = config.links.flatMap(
    (entry) => new EntryReader(entry, linkLabel(entry.value), diagnostics).link(options, modes, shared) ?? [],
  );
  const withReplies = options.uplinkAddress ? routeReplies(links, options.uplinkAddress) : links;
  const tunnels = config.tunnels.map((entry, index) =>
    new EntryReader(entry, `tunnels[${index}]`, diagnostics).tunnel(modes),
  );
  for (const { kind, label, entry } of config.incomplete) {
    if (kind === 'link') new EntryReader(entry, label, diagnostics).texts();
    else new EntryReader(entry, label, diagnostics).netem();
  }
  reportTwins(links, tunnels, diagnostics);
  checkIp(links, diagnostics);
  const topology = {
    lab: options.lab,
    links: withReplies,
    bridges,
    tunnels,
    commands: config.commands.map(commandOf),
    inactive: config.inactive,
    ...(nodes.length === 0 ? {} : { nodes, loopbackPools: loopbackPoolsOf(config) }),
    ...(config.hosts.size === 0 ? {} : { hosts: defineHosts(config) }),
    ...(config.checks.length === 0 ? {} : { checks: defineChecks(config) }),
  };
  return { topology, diagnostics: diagnostics.list };
}

/**
 * Reports a written outer-dev or tunnel device that is used twice. `instantiate` compares the names that replicas get.
 */
function reportTwins(links: readonly LinkSpec[], tunnels: readonly TunnelSpec[], diagnostics: Diagnostics): void {
  const taken = new Map<string, string>();
  const take = (device: string, label: string, where: LinkSpec['where']) => {
    const other = taken.get(device);
    if (other === undefined) {
      taken.set(device, label);
      return;
    }
    diagnostics.add('device-clash', `${label}: the device ${device} is already that of ${other}`, { where });
  };
  for (const link of links) {
    const outerDev = givenOuterDev(link);
    if (outerDev !== null) take(outerDev, `${link.selector.name}:${link.dev}`, link.where);
  }
  for (const [index, { type, vni, where }] of tunnels.entries())
    take(tunnelDev({ type, vni }), `tunnels[${index}]`, where);
}

function commandOf(entry: Entry<CommandConfig>): CommandSpec {
  const { service: _service, container: _container, netns: _netns, node: _node, host: _host, ...own } = entry.value;
  const { command, ...extra } = own;
  return { selector: selectorOf(entry.value), command, extra, where: placeOf(entry) };
}
