/**
 * `config/` turns files into one Config: it finds, reads, interpolates, validates and merges them, and gives each fault its
 * position. It knows the language, and no defaults that depend on a machine, which `topology/normalise` adds.
 *
 * This file defines the language: types, checks and the JSON Schema all come from it. A message says what a value must be, and
 * follows the name of its key ("mtu must be …"). The message of a check follows the value.
 */
import * as v from 'valibot';
import { BRIDGE_MODES } from '../kinds/bridge-modes.ts';
import { LINK_TYPES } from '../kinds/links/link-kinds.ts';
import { TUNNEL_TYPES } from '../kinds/tunnel-kinds.ts';
import { parseAddress, parsePrefix, unassignable } from '../net/address.ts';
import { checkIfname, checkNetnsName, HOST_NAME, HOST_NAME_FAULT } from '../net/ifname.ts';
import { LINK_NUMBERS, type LinkNumber } from '../net/link-numbers.ts';
import { parseMac } from '../net/mac.ts';
import { checked, faultsOf, judged, type TextFault } from './issue-codes.ts';

/** What a lab's name must match. */
export const LAB_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** Why a text can't be the name of an entry of `nodes:`, in words that follow it; null if it can. */
export function nodeNameFault(name: string): string | null {
  if (name === HOST_NAME) return HOST_NAME_FAULT;
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(name)) return null;
  if (name === '') return 'is empty';
  return name.length > 63
    ? `is ${name.length} characters long: a node's name has at most 63`
    : 'is no name of a node: letters, digits, "_", "." and "-", the first not "." or "-"';
}

/** The smallest MTU that IPv4 allows (RFC 791), and the largest of a veth (drivers/net/veth.c: ETH_MAX_MTU). */
export const MTU_BYTES = { min: 68, max: 65_535 } as const;
/** VLAN ids. 0 and 4095 are reserved (IEEE 802.1Q). */
const VLAN_ID = { min: 1, max: 4094 } as const;
/** Virtual network identifiers have 24 bits (RFC 7348, RFC 8926). */
const VNI = { min: 0, max: 2 ** 24 - 1 } as const;
/** The kernel's limit for IFLA_NUM_TX_QUEUES (net/core/rtnetlink.c). */
const QUEUES = { min: 1, max: 4096 } as const;

export const text = (what = 'text') => v.pipe(v.string(`must be ${what}`), v.nonEmpty(`must not be empty`));

const orFault = <T>(result: T | string): string | null => (typeof result === 'string' ? result : null);

/** A whole number in a range, or a text that interpolation has turned into such a number. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.union(
    [
      v.pipe(v.number(), v.integer(message), v.minValue(min, message), v.maxValue(max, message)),
      v.pipe(
        v.string(),
        v.regex(/^[0-9]{1,15}$/, message),
        v.transform(Number),
        v.minValue(min, message),
        v.maxValue(max, message),
      ),
    ],
    message,
  );
}

const deviceName = checked('a device name', faultsOf('device-name', checkIfname));
export const prefix = checked('an address with a prefix length, as 10.0.0.1/24', (value) => {
  const parsed = parsePrefix(value);
  if (typeof parsed !== 'string') return faultsOf('address-unassignable', unassignable)(parsed.address);
  return { code: value.includes('/') ? 'address-invalid' : 'address-without-prefix', message: parsed };
});
const address = checked(
  'an IP address',
  faultsOf('address-invalid', (value) => orFault(parseAddress(value))),
);
const mac = checked('a MAC address, as c2:00:00:00:00:01', (value) => {
  const parsed = parseMac(value);
  if (typeof parsed === 'string') return { code: 'mac-invalid', message: parsed };
  const fault = (message: string): TextFault => ({ code: 'mac-unassignable', message });
  if (parsed.multicast) return fault('is a multicast address: the first byte must be even');
  return parsed.text === '00:00:00:00:00:00' ? fault('is no address: a device needs another') : null;
});

const FORWARD = /^([0-9]{1,5}):([0-9]{1,5})\/(tcp|udp)$/;
const forward = checked(
  'text, as "8080:80/tcp"',
  faultsOf('port-mapping', (value) => {
    const match = FORWARD.exec(value);
    if (match === null) return 'is not PORT:PORT/PROTOCOL: write 8080:80/tcp';
    const ports = [Number(match[1]), Number(match[2])];
    return ports.every((port) => port >= 1 && port <= 65_535) ? null : 'has an impossible port: 1 to 65535';
  }),
);

export const oneOrMore = <T extends v.GenericSchema<string>>(item: T, what: string) =>
  v.union([item, v.array(item)], `must be ${what}, or a list of such`);

const amount = v.union([text(), v.number()], 'must be an amount, as 10ms, 1% or 100mbit');

export const described = <T extends v.GenericSchema>(schema: T, description: string) =>
  v.optional(v.pipe(schema, v.description(description)));

const node = {
  node: described(checked('the name of a node', faultsOf('node-name', nodeNameFault)), 'entry of nodes:'),
  service: described(text('the name of a compose service'), 'compose service: the node is each of its containers'),
  container: described(
    v.pipe(
      text('the name of a container'),
      judged(faultsOf('node-name', (name) => (name === HOST_NAME ? HOST_NAME_FAULT : null))),
    ),
    'container of exactly this name',
  ),
  netns: described(
    checked('the name of a network namespace', faultsOf('netns-name', checkNetnsName)),
    'named network namespace; made if missing',
  ),
  host: described(v.literal(true, 'must be true'), "the host itself: a device in the host's namespace"),
};

/** The impairment of what a link sends. Times take us, ms or s; shares take %; rates take kbit, mbit or gbit. */
export const ImpairSchema = v.strictObject({
  delay: described(amount, 'added to each packet, as 10ms'),
  jitter: described(amount, 'random variation of the delay, as 2ms'),
  loss: described(amount, 'share of packets lost, as 1%'),
  duplicate: described(amount, 'share of packets sent twice'),
  corrupt: described(amount, 'share of packets with a flipped bit'),
  reorder: described(amount, 'share of packets sent at once, past the delayed ones'),
  rate: described(amount, 'bandwidth, as 100mbit'),
  limit: described(wholeNumber(1, 2 ** 32 - 1), 'packets that wait at most'),
});

const netem = described(oneOrMore(text(), 'the options of netem as text'), 'options of tc-netem(8)');
const impair = described(ImpairSchema, 'impairments with units; not beside netem');

export const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(words, `must be one of ${words.join(', ')}`);

const optionalNumber = (row: { readonly min: number; readonly max: number; readonly description: string }) =>
  described(wholeNumber(row.min, row.max), row.description);
const linkNumbers = Object.fromEntries(LINK_NUMBERS.map(([name, row]) => [name, optionalNumber(row)])) as Record<
  LinkNumber,
  ReturnType<typeof optionalNumber>
>;

/** The values of the key `state` of links and wires. `late` is `up`, but not before all links of the lab are made. */
export const LINK_STATES = ['up', 'down', 'late'] as const;

export const LinkSchema = v.strictObject({
  type: described(oneOf(LINK_TYPES), 'kind of interface; veth unless given'),
  ...node,
  bridge: described(text('the name of a bridge'), 'broadcast domain that the link joins; veth only'),
  'outer-dev': described(deviceName, 'name of the outer end; for vlan and its kin the parent device'),
  dev: described(deviceName, 'name of the interface in the node; eth0 unless given'),
  ip: described(
    oneOrMore(prefix, 'an address with a prefix length'),
    'address or addresses, as 10.0.0.1/24 or fd00::1/64',
  ),
  mac: described(mac, 'MAC address; replicas count up from it'),
  mtu: described(wholeNumber(MTU_BYTES.min, MTU_BYTES.max), 'MTU in bytes'),
  nat: described(address, 'address that this link is translated to and from'),
  route: described(oneOrMore(text(), 'a route as text'), 'routes, as arguments of ip route add without the device'),
  forward: described(oneOrMore(forward, 'a port as text'), 'published ports, as 8080:80/tcp'),
  netem,
  impair,
  ethtool: described(oneOrMore(text(), 'options of ethtool as text'), 'options of ethtool, without the device'),
  mode: described(text('the mode of the link type'), 'mode of macvlan, ipvlan and their kin'),
  base: described(
    oneOf(['host', 'local'] as const),
    'whose namespace the parent of vlan and its kin is in: the host (unless given), or the node itself',
  ),
  vlanid: described(wholeNumber(VLAN_ID.min, VLAN_ID.max), 'VLAN id; type vlan'),
  state: described(
    oneOf(LINK_STATES),
    'administrative state; up unless given; late: up, but not before all links of the lab are made',
  ),
  'on-host-loss': described(
    oneOf(['keep', 'down'] as const),
    'of a wire to another host that is lost: down takes its carrier; keep unless given',
  ),
  queues: described(wholeNumber(QUEUES.min, QUEUES.max), 'queues per end; 1 unless given'),
  ...linkNumbers,
});

export const BridgeSchema = v.looseObject({
  bridge: v.pipe(text('the name of the bridge'), v.description('name, by which links join it')),
  mode: described(oneOf(BRIDGE_MODES), 'what ties the links together'),
  datapath: described(oneOf(['system', 'netdev'] as const), 'datapath of Open vSwitch'),
  'mcast-snooping': described(v.boolean('must be true or false'), 'multicast snooping; off unless given'),
  external: described(
    v.boolean('must be true or false'),
    'a bridge of the host that is there already: only ports of linkloom are made and removed',
  ),
});

export const TunnelSchema = v.looseObject({
  type: v.pipe(oneOf(TUNNEL_TYPES), v.description('kind of tunnel; gre is Ethernet over GRE')),
  bridge: v.pipe(text('the name of a bridge'), v.description('bridge that the tunnel joins')),
  remote: v.pipe(address, v.description('address of the other end')),
  vni: v.pipe(wholeNumber(VNI.min, VNI.max), v.description('virtual network identifier; the key of gre')),
  netem,
  impair,
});

export const CommandSchema = v.looseObject({
  ...node,
  command: v.pipe(
    v.union(
      [text(), v.pipe(v.array(v.string('must be text')), v.minLength(1, 'must not be empty'))],
      'must be text, or a list of words',
    ),
    v.description('text runs as sh -c TEXT, a list as it is; once the links of the node are up'),
  ),
});

export type LinkConfig = v.InferOutput<typeof LinkSchema>;
export type BridgeConfig = v.InferOutput<typeof BridgeSchema>;
export type TunnelConfig = v.InferOutput<typeof TunnelSchema>;
export type CommandConfig = v.InferOutput<typeof CommandSchema>;
export type ImpairConfig = v.InferOutput<typeof ImpairSchema>;
