/** Facts of the keys of links and of impairments. */
import type { ImpairSchema, LinkSchema } from '../../src/config/schema.ts';
import type { Facts } from './facts.ts';

const ALICE = 'netns: alice, bridge: lan, dev: eth0';
/** A link that stands on another one of its node, so that the example needs no device of the machine. */
const ON_ETH0 = 'netns: alice, base: local, outer-dev: eth0';

export const LINK_FACTS: Facts<keyof typeof LinkSchema.entries> = {
  type: {
    example: 'netns: alice, dev: dummy0, type: dummy',
    default: '`veth`',
    edit: 'anew',
  },
  node: { example: 'node: r1, bridge: lan, dev: eth1', edit: 'another link' },
  service: { example: 'service: web, bridge: lan, dev: eth1', edit: 'another link' },
  container: { example: 'container: my-database, bridge: lan, dev: eth1', edit: 'another link' },
  netns: { example: ALICE, edited: 'netns: carol, bridge: lan, dev: eth0', edit: 'another link' },
  host: { example: 'host: true, bridge: lan, dev: lab0, ip: 10.0.0.254/24', edit: 'another link' },
  bridge: {
    example: ALICE,
    edited: 'netns: alice, bridge: lan2, dev: eth0',
    default: 'none: a veth needs one',
    edit: 'in place',
  },
  'outer-dev': {
    example: `${ALICE}, outer-dev: port1`,
    edited: `${ALICE}, outer-dev: port2`,
    default: '`NODE-DEV`; a shorter name where that has more than 15 characters',
    edit: 'anew',
  },
  dev: { example: ALICE, edited: 'netns: alice, bridge: lan, dev: eth9', default: '`eth0`', edit: 'another link' },
  ip: {
    example: `${ALICE}, ip: [10.0.0.1/24, "fd00::1/64"]`,
    edited: `${ALICE}, ip: 10.0.0.2/24`,
    default: 'no address',
    edit: 'in place',
  },
  mac: {
    example: `${ALICE}, mac: "c2:00:00:00:00:01"`,
    edited: `${ALICE}, mac: "c2:00:00:00:00:02"`,
    default: '`c2:` and 40 bits of a hash of lab, node and dev: the same in each run',
    edit: 'in place',
  },
  mtu: {
    example: `${ALICE}, mtu: 1500`,
    edited: `${ALICE}, mtu: 1400`,
    default: "65535 (`--default-mtu`); of a vlan, macvlan, ipvlan and their kin the parent's",
    unit: 'bytes',
    edit: 'in place',
  },
  nat: {
    example: `${ALICE}, ip: 10.0.0.1/24, nat: 192.0.2.1`,
    edited: `${ALICE}, ip: 10.0.0.1/24, nat: 192.0.2.2`,
    default: 'no translation',
    edit: 'in place',
  },
  route: {
    example: `${ALICE}, ip: 10.0.0.1/24, route: default via 10.0.0.254`,
    edited: `${ALICE}, ip: 10.0.0.1/24, route: default via 10.0.0.253`,
    default: 'no route',
    edit: 'in place',
  },
  forward: {
    example: 'service: web, bridge: lan, dev: eth1, ip: 10.0.0.1/24, forward: "8080:80/tcp"',
    default: 'no port',
    edit: 'in place',
  },
  netem: {
    example: `${ALICE}, netem: "delay 20ms 2ms distribution normal loss 1%"`,
    edited: `${ALICE}, netem: "delay 30ms 2ms distribution normal loss 1%"`,
    default: 'no impairment',
    edit: 'in place',
  },
  impair: {
    example: `${ALICE}, impair: {delay: 40ms, jitter: 5ms, loss: 0.5%, rate: 10mbit}`,
    edited: `${ALICE}, impair: {delay: 50ms, jitter: 5ms, loss: 0.5%, rate: 10mbit}`,
    default: 'no impairment',
    edit: 'in place',
  },
  ethtool: {
    example: `${ALICE}, ethtool: "--offload rx off"`,
    edited: `${ALICE}, ethtool: "--offload rx on"`,
    default: 'transmit checksum offload off (`--keep-veth-offload`: as the kernel has it)',
    edit: 'in place',
  },
  mode: {
    example: `${ON_ETH0}, dev: mac0, type: macvlan, mode: private`,
    edited: `${ON_ETH0}, dev: mac0, type: macvlan, mode: vepa`,
    default: '`vepa` of macvlan and macvtap, `l3` of ipvlan and ipvtap',
    edit: 'in place',
  },
  base: {
    example: `${ON_ETH0}, dev: mac0, type: macvlan, mode: bridge`,
    default: '`host`',
    edit: 'anew',
  },
  vlanid: {
    example: `${ON_ETH0}, dev: eth0.5, type: vlan, vlanid: 5`,
    edited: `${ON_ETH0}, dev: eth0.5, type: vlan, vlanid: 6`,
    default: 'none: a vlan needs one',
    edit: 'anew',
  },
  state: { example: `${ALICE}, state: down`, edited: `${ALICE}, state: up`, default: '`up`', edit: 'in place' },
  'on-host-loss': {
    example: `${ALICE}, on-host-loss: down`,
    default: '`keep`',
    edit: { text: 'in place, where the other host is lost' },
  },
  queues: { example: `${ALICE}, queues: 4`, edited: `${ALICE}, queues: 2`, default: '1', edit: 'anew' },
  txqueuelen: {
    example: `${ALICE}, txqueuelen: 500`,
    edited: `${ALICE}, txqueuelen: 600`,
    default: "the kernel's own number, which is then not compared",
    unit: 'packets',
    edit: 'in place',
  },
};

/** What is impaired is changed in place, key by key. */
const ofImpair = (key: string, value: string, other: string, unit: string) => ({
  example: `${key}: ${value}`,
  edited: `${key}: ${other}`,
  edit: 'in place' as const,
  unit,
});

export const IMPAIR_FACTS: Facts<keyof typeof ImpairSchema.entries> = {
  delay: { ...ofImpair('delay', '10ms', '20ms', '`us`, `ms` or `s`'), default: 'no delay' },
  jitter: {
    ...ofImpair('delay: 10ms, jitter', '2ms', '3ms', '`us`, `ms` or `s`'),
    default: 'no variation',
  },
  loss: { ...ofImpair('loss', '1%', '2%', '`%`'), default: 'no loss' },
  duplicate: { ...ofImpair('duplicate', '1%', '2%', '`%`'), default: 'none' },
  corrupt: { ...ofImpair('corrupt', '0.1%', '0.2%', '`%`'), default: 'none' },
  reorder: { ...ofImpair('delay: 10ms, reorder', '5%', '6%', '`%`'), default: 'none' },
  rate: { ...ofImpair('rate', '10mbit', '20mbit', '`kbit`, `mbit` or `gbit`, per second'), default: 'no limit' },
  limit: { ...ofImpair('delay: 10ms, limit', '5000', '6000', 'packets'), default: '1000, as tc-netem(8) has it' },
};
