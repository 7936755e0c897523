/** The schemas of `wires:`, `addressing:`, `defaults:` and `groups:`. */
import * as v from 'valibot';
import { BRIDGE_MODES } from '../../kinds/bridge-modes.ts';
import { checked, faultsOf } from '../issue-codes.ts';
import {
  described,
  ImpairSchema,
  LINK_STATES,
  LinkSchema,
  MTU_BYTES,
  oneOf,
  oneOrMore,
  prefix,
  text,
  wholeNumber,
} from '../schema.ts';
import { NodeSchema } from './schema.ts';
import { poolFault } from './values.ts';

const END = 'text, as NODE:DEV or host:DEV';
const end = text(END);
const TWO_ENDS = 'must be a list of two ends, as [a:eth1, b:eth1]';
const ends = v.pipe(v.array(end, TWO_ENDS), v.length(2, TWO_ENDS));
const mtu = wholeNumber(MTU_BYTES.min, MTU_BYTES.max);
const state = oneOf(LINK_STATES);
const mode = oneOf(BRIDGE_MODES);
const labels = v.record(v.string(), v.string('must be text'), 'must be a map of texts');
const TWO_ITEMS = 'must be a list of two items, one for each end';
const ipOfEnd = oneOrMore(prefix, 'an address with a prefix length');

const eachEnd = v.strictObject({
  a: described(ImpairSchema, 'what the first end sends'),
  b: described(ImpairSchema, 'what the second end sends'),
});

export const WireSchema = v.strictObject({
  ends: v.pipe(ends, v.description('the two ends, each [node/|service/|container/|netns/]NAME:DEV, or host:DEV')),
  mtu: described(mtu, 'MTU of both ends in bytes'),
  impair: described(
    v.union([ImpairSchema, eachEnd], 'must be a map of impairments, or of a and b to such'),
    'impairments of both ends, or {a: …, b: …} for each',
  ),
  state: described(state, 'administrative state of both ends; up unless given; late: not before all links are made'),
  'on-host-loss': described(
    oneOf(['keep', 'down'] as const),
    'where its ends are on two hosts and one is lost: down takes the carrier of the other end; keep unless given',
  ),
  mode: described(mode, 'what ties the ends together; direct unless given'),
  ip: described(
    v.pipe(v.array(ipOfEnd, TWO_ITEMS), v.length(2, TWO_ITEMS)),
    'addresses, one item (text or list) for each end',
  ),
  labels: described(labels, "labels of one's own"),
});

/** A wire as a file may have it. */
export const WrittenWireSchema = v.union([ends, WireSchema], 'must be [END, END], or a map with ends');

const { impair, netem, ethtool, queues, route, 'on-host-loss': onHostLoss } = LinkSchema.entries;

/** What links and ends of wires have, unless they say otherwise. `mode` is for wires. */
export const LinkDefaultsSchema = v.strictObject({
  mtu: described(mtu, 'MTU in bytes'),
  state: described(state, 'administrative state'),
  mode: described(mode, 'what ties the ends of a wire together'),
  labels: described(labels, 'labels of wires'),
  impair,
  netem,
  ethtool,
  queues,
  'on-host-loss': onHostLoss,
  route,
});

export const DefaultsSchema = v.strictObject({
  node: described(NodeSchema, 'what every entry of nodes: has unless a group or the entry says otherwise'),
  link: described(LinkDefaultsSchema, 'what every link and end of a wire has unless a group or it says otherwise'),
});

export const GroupSchema = v.strictObject({
  nodes: v.pipe(
    v.array(text('a name, or a pattern of names'), 'must be a list of names'),
    v.minLength(1, 'must not be empty'),
    v.description('names of nodes, with * and ? for any signs and any one'),
  ),
  node: described(NodeSchema, 'what these nodes have unless a later group or the entry says otherwise'),
  link: described(
    LinkDefaultsSchema,
    'what the links of these nodes have unless a later group or the link says otherwise',
  ),
});

const planOf = (family: 4 | 6, least: number, most: number, usual: number) =>
  v.strictObject(
    {
      pool: v.pipe(
        checked(
          `a prefix, as ${family === 4 ? '10.0.0.0/16' : 'fd00::/48'}`,
          faultsOf('pool-invalid', (value) => poolFault(value, family)),
        ),
        v.description('prefix that is given out'),
      ),
      prefix: described(wholeNumber(least, most), `length of each part; ${usual} unless given`),
    },
    'must be a map with pool',
  );

export const AddressingSchema = v.strictObject({
  wires: described(planOf(4, 0, 31, 31), 'IPv4 subnets for wires without ip'),
  loopbacks: described(planOf(4, 0, 32, 32), 'IPv4 addresses of lo for nodes without ip'),
  wires6: described(planOf(6, 0, 127, 127), 'IPv6 subnets for wires without ip'),
  loopbacks6: described(planOf(6, 0, 128, 128), 'IPv6 addresses of lo for nodes without ip'),
});

export type WireConfig = v.InferOutput<typeof WireSchema>;
export type LinkDefaults = v.InferOutput<typeof LinkDefaultsSchema>;
export type DefaultsConfig = v.InferOutput<typeof DefaultsSchema>;
export type GroupConfig = v.InferOutput<typeof GroupSchema>;
export type AddressingConfig = v.InferOutput<typeof AddressingSchema>;
