/** The sections of the configuration reference, each a map with known keys. */
import { CheckSchema, PingSchema } from '../../src/config/checks/schema.ts';
import { NetworkSchema } from '../../src/config/network-schema.ts';
import { HostSchema } from '../../src/config/nodes/hosts-schema.ts';
import { HealthcheckSchema, NodeSchema } from '../../src/config/nodes/schema.ts';
import {
  AddressingSchema,
  DefaultsSchema,
  GroupSchema,
  LinkDefaultsSchema,
  WireSchema,
} from '../../src/config/nodes/wire-schema.ts';
import { BridgeSchema, CommandSchema, ImpairSchema, LinkSchema, TunnelSchema } from '../../src/config/schema.ts';
import { CHECK_FACTS, PING_FACTS } from './checks.ts';
import type { Section } from './facts.ts';
import { BRIDGE_FACTS, COMMAND_FACTS, TOP_FACTS, TUNNEL_FACTS } from './lab.ts';
import { IMPAIR_FACTS, LINK_FACTS } from './links.ts';
import { COPY_FACTS, HEALTHCHECK_FACTS, NODE_FACTS, PROGRAM_FACTS } from './nodes.ts';
import { itemsOf } from './schema.ts';
import {
  ADDRESSING_FACTS,
  DEFAULTS_FACTS,
  GROUP_FACTS,
  HOST_FACTS,
  LINK_DEFAULTS_FACTS,
  POOL_FACTS,
  WIRE_FACTS,
} from './wires.ts';

/** An entry of `nodes:` that a link or command selects by `node:` is in the file, too. */
const NODES = 'nodes: {r1: }\n';

function linkFile(link: string): string {
  const parent = link.includes('base: local') ? '  - {netns: alice, bridge: lan, dev: eth0}\n' : '';
  return `${link.startsWith('node:') ? NODES : ''}links:\n${parent}  - {${link}}\n`;
}

const LAN = 'links:\n  - {netns: alice, bridge: lan}\n';
const FABRIC = 'nodes: {leaf1: , spine1: }\nwires:\n  - [leaf1:eth1, spine1:eth1]\n';
const nodeFile = (node: string): string =>
  `nodes:\n  web: {${node}}\n${node.includes('wait_for') ? '  r1:\n' : ''}${node.includes('r1') ? 'wires:\n  - [r1:eth1, web:eth1]\n' : ''}`;
const checkFile = (check: string): string =>
  `links:\n  - {netns: alice, bridge: lan, ip: 10.0.0.1/24}\n  - {netns: bob, bridge: lan, dev: eth0, ip: 10.0.0.2/24}\nchecks:\n  - {${check}}\n`;
const tunnelFile = (tunnel: string): string => {
  const rest = ['vni: 100', 'bridge: lan', 'remote: 192.0.2.2'].join(', ');
  return `tunnels:\n  - {${tunnel}, ${rest}}\nlinks:\n  - {netns: alice, bridge: lan, mtu: 1400}\n`;
};

export const SECTIONS: readonly Section[] = [
  {
    name: 'file',
    title: 'The top of a file',
    about:
      'A network file has these keys at its top. A compose file has the same under `x-network`, at its top; a service of a ' +
      'compose file can have `links`, `bridges`, `tunnels` and `commands` under an `x-network` of its own. Keys that begin with ' +
      '`x-` are yours: nothing reads them.',
    schema: NetworkSchema,
    facts: TOP_FACTS,
    file: (example) => example,
  },
  {
    name: 'links',
    title: 'Links',
    about:
      'A link is one interface in one node. It names its node by exactly one of `node`, `service`, `container`, `netns` and ' +
      '`host`. Links of one `bridge` reach each other.',
    schema: LinkSchema,
    facts: LINK_FACTS,
    file: linkFile,
  },
  {
    name: 'impair',
    title: 'Impairments',
    about: 'An impairment changes what leaves the node by this device. What comes in is not changed.',
    schema: ImpairSchema,
    facts: IMPAIR_FACTS,
    file: (impair) => `links:\n  - {netns: alice, bridge: lan, impair: {${impair}}}\n`,
  },
  {
    name: 'bridges',
    title: 'Bridges',
    about:
      'A bridge needs an entry only where it differs from the defaults. [Bridge modes](../bridge-modes.md) explains `mode`.',
    schema: BridgeSchema,
    facts: BRIDGE_FACTS,
    file: (bridge) => `bridges:\n  - {${bridge}}\n${LAN.replace('lan', bridge.includes('br-lab') ? 'br-lab' : 'lan')}`,
  },
  {
    name: 'tunnels',
    title: 'Tunnels',
    about: 'A tunnel is a port of a bridge whose other end is on another machine.',
    schema: TunnelSchema,
    facts: TUNNEL_FACTS,
    file: tunnelFile,
  },
  {
    name: 'commands',
    title: 'Commands',
    about:
      'A command runs in its node when the links of the node are made. `up --rerun-commands` runs it again. A command names its ' +
      'node as a link does.',
    schema: CommandSchema,
    facts: COMMAND_FACTS,
    file: (command) => `commands:\n  - {${command}}\n${command.startsWith('node:') ? NODES : ''}${LAN}`,
  },
  {
    name: 'checks',
    title: 'Checks',
    about:
      'A check says what must be reached, or must not. It has at most one of `ping`, `tcp`, `http` and `run`. ' +
      '[Checks](../check.md) shows how they are run.',
    schema: CheckSchema,
    facts: CHECK_FACTS,
    file: checkFile,
  },
  {
    name: 'ping',
    title: 'Pings',
    about: 'The value of `ping` in a check, as a map.',
    schema: PingSchema,
    facts: PING_FACTS,
    file: checkFile,
  },
  {
    name: 'nodes',
    title: 'Nodes',
    about:
      'An entry of `nodes:` with an `image` is a container that linkloom starts. An entry without one is a network namespace, and takes ' +
      'only `exec`, `run`, `wait_for`, `ip`, `labels` and `on`. [A whole lab in one file](../whole-lab.md) shows how they work together.',
    schema: NodeSchema,
    facts: NODE_FACTS,
    file: nodeFile,
  },
  {
    name: 'run',
    title: 'Programs of a node',
    about: 'An item of `run`: a program that linkloom keeps running in the node.',
    schema: itemsOf((NodeSchema.entries.run as { readonly wrapped: unknown }).wrapped),
    facts: PROGRAM_FACTS,
    file: nodeFile,
  },
  {
    name: 'copy',
    title: 'Copied files',
    about: 'An item of `copy`, as a map. As text it is `SOURCE:TARGET` or `SOURCE:TARGET:MODE`.',
    schema: itemsOf((NodeSchema.entries.copy as { readonly wrapped: unknown }).wrapped),
    facts: COPY_FACTS,
    file: nodeFile,
  },
  {
    name: 'healthcheck',
    title: 'Health checks',
    about: 'The keys are those of compose.',
    schema: HealthcheckSchema,
    facts: HEALTHCHECK_FACTS,
    file: nodeFile,
  },
  {
    name: 'wires',
    title: 'Wires',
    about: 'A wire ties two ends together. It is a link at each end. The short form is `[END, END]`.',
    schema: WireSchema,
    facts: WIRE_FACTS,
    file: (wire) => `wires:\n  - {${wire}}\n`,
  },
  {
    name: 'defaults',
    title: 'Defaults',
    about: 'What a node, a link or a group says itself counts more than a default.',
    schema: DefaultsSchema,
    facts: DEFAULTS_FACTS,
    file: (defaults) => `defaults:\n  ${defaults}\n${FABRIC}`,
  },
  {
    name: 'groups',
    title: 'Groups',
    about: 'A group gives the same to several nodes and their links. A later group counts more than an earlier one.',
    schema: GroupSchema,
    facts: GROUP_FACTS,
    file: (group) => `groups:\n  fabric: {${group}}\n${FABRIC}`,
  },
  {
    name: 'link-defaults',
    title: 'What defaults and groups say of links',
    about: 'The value of `link` in `defaults` and `groups`.',
    schema: LinkDefaultsSchema,
    facts: LINK_DEFAULTS_FACTS,
    file: (defaults) => `defaults:\n  ${defaults}\n${FABRIC}`,
  },
  {
    name: 'addressing',
    title: 'Addressing',
    about: 'Addresses are given out in the order of the file, to what has no `ip`.',
    schema: AddressingSchema,
    facts: ADDRESSING_FACTS,
    file: (addressing) => `addressing:\n  ${addressing}\n${FABRIC}`,
  },
  {
    name: 'pool',
    title: 'Pools of addresses',
    about: 'The value of each key of `addressing`.',
    schema: itemsOf((AddressingSchema.entries.wires as { readonly wrapped: unknown }).wrapped),
    facts: POOL_FACTS,
    file: (addressing) => `addressing:\n  ${addressing}\n${FABRIC}`,
  },
  {
    name: 'hosts',
    title: 'Hosts',
    about: 'The machines that one lab is spread over. Without `--store` these keys change nothing.',
    schema: HostSchema,
    facts: HOST_FACTS,
    file: (host) => `hosts:\n  h1: {${host}}\n  h2:\n${FABRIC}`,
  },
];
