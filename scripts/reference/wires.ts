/** Facts of the keys of wires, defaults, groups, addressing and hosts. */
import type { HostSchema } from '../../src/config/nodes/hosts-schema.ts';
import type {
  AddressingSchema,
  DefaultsSchema,
  GroupSchema,
  LinkDefaultsSchema,
  WireSchema,
} from '../../src/config/nodes/wire-schema.ts';
import type { Facts, KeyFacts } from './facts.ts';

const ENDS = 'ends: [alice:eth1, bob:eth1]';

export const WIRE_FACTS: Facts<keyof typeof WireSchema.entries> = {
  ends: { example: ENDS, edited: 'ends: [alice:eth1, bob:eth2]', edit: 'another link' },
  mtu: {
    example: `${ENDS}, mtu: 1500`,
    edited: `${ENDS}, mtu: 1400`,
    unit: 'bytes',
    default: '65535 (`--default-mtu`)',
    edit: 'in place',
  },
  impair: {
    example: `${ENDS}, impair: {a: {delay: 10ms}, b: {rate: 10mbit}}`,
    edited: `${ENDS}, impair: {a: {delay: 20ms}, b: {rate: 10mbit}}`,
    default: 'no impairment',
    edit: 'in place',
  },
  state: { example: `${ENDS}, state: down`, edited: `${ENDS}, state: up`, default: '`up`', edit: 'in place' },
  'on-host-loss': {
    example: `${ENDS}, on-host-loss: down`,
    default: '`keep`',
    edit: { text: 'in place, where the other host is lost' },
  },
  mode: {
    example: `${ENDS}, mode: patch`,
    edited: `${ENDS}, mode: direct`,
    default: '`direct`',
    edit: 'anew',
  },
  ip: {
    example: `${ENDS}, ip: [10.0.0.0/31, 10.0.0.1/31]`,
    edited: `${ENDS}, ip: [10.0.1.0/31, 10.0.1.1/31]`,
    default: 'from `addressing`, else no address',
    edit: 'in place',
  },
  labels: { example: `${ENDS}, labels: {speed: fast}`, default: 'none', edit: { text: 'nothing: no device has them' } },
};

const AS_LINKS = { default: 'as the same key of links', edit: { text: 'as the same key of links' } } as const;
const link = (example: string): KeyFacts => ({ example: `link: {${example}}`, ...AS_LINKS });

export const LINK_DEFAULTS_FACTS: Facts<keyof typeof LinkDefaultsSchema.entries> = {
  mtu: { ...link('mtu: 1500'), unit: 'bytes' },
  state: link('state: down'),
  mode: { ...link('mode: patch'), default: '`direct`', edit: { text: 'wires are made anew' } },
  labels: { ...link('labels: {rack: one}'), default: 'none', edit: { text: 'nothing: no device has them' } },
  impair: link('impair: {delay: 1ms}'),
  netem: link('netem: "delay 1ms"'),
  ethtool: link('ethtool: "--offload rx off"'),
  queues: link('queues: 2'),
  'on-host-loss': link('on-host-loss: down'),
  route: link('route: []'),
};

export const DEFAULTS_FACTS: Facts<keyof typeof DefaultsSchema.entries> = {
  node: { example: 'node: {labels: {team: blue}}', default: 'none' },
  link: { example: 'link: {mtu: 1500}', default: 'none' },
};

export const GROUP_FACTS: Facts<keyof typeof GroupSchema.entries> = {
  nodes: { example: 'nodes: ["leaf*", "spine?"], link: {mtu: 9000}' },
  node: { example: 'nodes: ["leaf*"], node: {labels: {role: leaf}}', default: 'none' },
  link: { example: 'nodes: ["leaf*"], link: {impair: {delay: 1ms}}', default: 'none' },
};

const POOL = {
  default: 'none is given out',
  edit: { text: 'addresses that become other ones are changed in place' },
} as const;

export const ADDRESSING_FACTS: Facts<keyof typeof AddressingSchema.entries> = {
  wires: { example: 'wires: {pool: 10.0.0.0/24}', ...POOL },
  loopbacks: { example: 'loopbacks: {pool: 10.255.0.0/24}', ...POOL },
  wires6: { example: 'wires6: {pool: "fd00::/48"}', ...POOL },
  loopbacks6: { example: 'loopbacks6: {pool: "fd00:ff::/64"}', ...POOL },
};

const MOVES = { text: 'with `--store`: nodes that are on another host then are made anew there' } as const;

export const HOST_FACTS: Facts<keyof typeof HostSchema.entries> = {
  address: {
    example: 'address: 192.0.2.1',
    default: 'what its daemon says',
    edit: { text: 'with `--store`: wires to other hosts are made anew' },
  },
  port: {
    example: 'port: 4789',
    default: '8472',
    edit: { text: 'with `--store`: wires to other hosts are made anew' },
  },
  nodes: { example: 'nodes: ["leaf*"]', default: 'none', edit: MOVES },
  labels: { example: 'labels: {rack: one}', default: 'none', edit: MOVES },
  cpus: {
    example: 'cpus: 16',
    default: 'all hosts count the same',
    edit: { text: 'nothing: nodes stay where they are' },
  },
  memory: {
    example: 'memory: 64g',
    unit: 'bytes',
    default: 'all hosts count the same',
    edit: { text: 'nothing: nodes stay where they are' },
  },
};

export const POOL_FACTS: Facts<'pool' | 'prefix'> = {
  pool: { example: 'wires: {pool: 10.0.0.0/24}', edit: POOL.edit },
  prefix: {
    example: 'wires: {pool: 10.0.0.0/24, prefix: 30}',
    unit: 'bits',
    default: '31, 32, 127 and 128',
    edit: POOL.edit,
  },
};
