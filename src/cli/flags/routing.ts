/** Options by which `generate`, `import` and `config` give addresses and routing to a lab. */
import { InvalidArgumentError } from 'commander';
import { PROTOCOLS } from '../../routing/daemon.ts';
import { type Flag, listOf } from './flag.ts';

/** Reads `POOL` or `POOL,LENGTH`. Throws InvalidArgumentError for what is no prefix; the loader checks the numbers. */
function pool(value: string): string {
  if (/^[0-9a-f.:]+\/\d{1,3}(?:,\d{1,3})?$/i.test(value)) return value;
  throw new InvalidArgumentError('It must be a prefix, as 10.0.0.0/16 or fd00::/48, or PREFIX,LENGTH.');
}

/** Reads a name or a pattern of names. Throws InvalidArgumentError for what looks like an option. */
function pattern(value: string, previous: unknown): readonly string[] {
  if (value !== '' && !value.startsWith('-')) return [...listOf(previous), value];
  throw new InvalidArgumentError('It must be a name or a pattern of names, as `spine*`.');
}

export const ROUTING_FLAGS = {
  wires: {
    flags: '--wires <pool>',
    description: 'prefix of which wires get their subnets, /31 each; or POOL,LENGTH, as 10.0.0.0/16,30',
    group: 'Addresses and routing',
    parse: pool,
  },
  loopbacks: {
    flags: '--loopbacks <pool>',
    description: 'prefix of which nodes get addresses of lo, /32 each',
    group: 'Addresses and routing',
    parse: pool,
  },
  wires6: {
    flags: '--wires6 <pool>',
    description: 'IPv6 prefix of which wires get their subnets, /127 each',
    group: 'Addresses and routing',
    parse: pool,
  },
  loopbacks6: {
    flags: '--loopbacks6 <pool>',
    description: 'IPv6 prefix of which nodes get addresses of lo, /128 each',
    group: 'Addresses and routing',
    parse: pool,
  },
  ipv6: {
    flags: '--ipv6',
    description: 'IPv6 addresses, too, of fd00:0:0:1::/64 (wires) and fd00:0:0:2::/64 (lo)',
    group: 'Addresses and routing',
  },
  frr: {
    flags: '--frr <protocol>',
    description: 'FRR in each node, configured so that the network routes by itself',
    group: 'Addresses and routing',
    choices: PROTOCOLS,
  },
  frrNodes: {
    flags: '--frr-nodes <pattern>',
    description: 'which nodes run FRR (default: all that have links); may be repeated',
    group: 'Addresses and routing',
    parse: pattern,
    list: true,
  },
  fastTimers: {
    flags: '--fast-timers',
    description: 'routers notice within 4 seconds that another one is gone',
    group: 'Addresses and routing',
  },
} as const satisfies Readonly<Record<string, Flag>>;
