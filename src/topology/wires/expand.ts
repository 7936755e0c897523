/** `wires/` turns wires into links. */
import type { Config, Entry } from '../../config/config.ts';
import type { Wire } from '../../config/nodes/wire.ts';
import type { BridgeConfig, CommandConfig, LinkConfig } from '../../config/schema.ts';

/** A Config in which each wire is two links of a bridge of its own, and each `exec` of a node is a command. */
export function expanded(config: Config): Config {
  const { wires, nodes } = config;
  if (wires.length === 0 && nodes.size === 0) return config;
  return {
    ...config,
    links: [...config.links, ...wires.flatMap((wire) => linksOf(wire))],
    bridges: [...config.bridges, ...wires.map(bridgeOf)],
    commands: [...config.commands, ...[...nodes].flatMap(([name, node]) => execOf(name, node))],
    wires: [],
  };
}

function linksOf({ value, origins, faulty }: Entry<Wire>): readonly Entry<LinkConfig>[] {
  return value.links.map((link) => ({ value: link, origins, faulty }));
}

function bridgeOf({ value: { bridge, mode }, origins, faulty }: Entry<Wire>): Entry<BridgeConfig> {
  return { value: { bridge, mode }, origins, faulty };
}

function execOf(node: string, { value, origins }: Config['nodes'] extends ReadonlyMap<string, infer N> ? N : never) {
  return (value.exec ?? []).map((command): Entry<CommandConfig> => ({ value: { node, command }, origins, faulty: [] }));
}
