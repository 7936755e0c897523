/** Options about a lab over several hosts, and the store that they share. */
import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { HOST_NAME } from '../../config/nodes/host-name.ts';
import { type Flag, fileName, listOf } from './flag.ts';

export const STORE_FLAG_TABLE = {
  store: {
    flags: '--store <url>',
    description:
      'several hosts share the lab, by these servers of NATS: nats://HOST:PORT or tls://HOST:PORT, several with commas between',
    group: 'Several hosts',
    parse: servers,
  },
  storeTlsCa: {
    flags: '--store-tls-ca <file>',
    description: 'the authority of the servers’ certificates (default: the system’s)',
    group: 'Several hosts',
    parse: fileName,
  },
  storeTlsCert: {
    flags: '--store-tls-cert <file>',
    description: 'our own certificate, where the servers want one',
    group: 'Several hosts',
    parse: fileName,
  },
  storeTlsKey: {
    flags: '--store-tls-key <file>',
    description: 'the key of our own certificate',
    group: 'Several hosts',
    parse: fileName,
  },
  storeNkey: {
    flags: '--store-nkey <file>',
    description: 'the seed of our NKey',
    group: 'Several hosts',
    parse: fileName,
  },
  storeCreds: {
    flags: '--store-creds <file>',
    description: 'our credentials, as nsc writes them',
    group: 'Several hosts',
    parse: fileName,
  },
  keys: {
    flags: '--keys <folder>',
    description: 'where keys are, and are made that are missing: host-NAME.nk, verbs.nk, readers.nk',
    group: 'Several hosts',
    parse: fileName,
  },
  host: {
    flags: '--host <name>',
    description: 'the name of this host in the store (default: the machine’s)',
    group: 'Several hosts',
    parse: hostName,
  },
  hostAddress: {
    flags: '--host-address <address>',
    description: 'where tunnels of other hosts reach this one (default: the address by which it reaches the store)',
    group: 'Several hosts',
    parse: address,
  },
  hostLabel: {
    flags: '--host-label <name=value>',
    description: 'a label of this host; may be repeated',
    group: 'Several hosts',
    parse: label,
    list: true,
  },
} as const satisfies Readonly<Record<string, Flag>>;

/** Throws InvalidArgumentError. */
function servers(value: string): readonly string[] {
  const parts = value.split(',').filter((part) => part !== '');
  const isSound = parts.length > 0 && parts.every((part) => /^((nats|tls):\/\/)?[^\s/-][^\s/]*$/.test(part));
  if (isSound) return parts;
  throw new InvalidArgumentError('It must be nats://HOST:4222 or tls://HOST:4222, several with commas between.');
}

function hostName(value: string): string {
  if (HOST_NAME.test(value)) return value;
  throw new InvalidArgumentError('It must be 1 to 63 of a-z, 0-9 and `-`, the first a letter or a digit.');
}

function address(value: string): string {
  if (isIP(value) !== 0) return value;
  throw new InvalidArgumentError('It must be an IPv4 or IPv6 address.');
}

function label(value: string, previous: unknown): readonly string[] {
  if (/^[^=\s]+=.*$/s.test(value)) return [...listOf(previous), value];
  throw new InvalidArgumentError('It must be NAME=VALUE.');
}
