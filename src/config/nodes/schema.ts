/** The schema of an entry of `nodes:`, and of what defaults and groups say of nodes. */
import * as v from 'valibot';
import { checked as checkedText, faultsOf, judged } from '../issue-codes.ts';
import { described, oneOf, oneOrMore, prefix, text } from '../schema.ts';
import {
  capabilityFault,
  deviceFault,
  faultOf,
  readBind,
  readCopy,
  readCpus,
  readDuration,
  readMemory,
  readPort,
  wordsOf,
} from './values.ts';

/** Text, or a number as it was written. */
export function amountOf(what: string, faultIn: (value: string) => string | null) {
  return v.pipe(
    v.union([v.string(), v.number()], `must be ${what}`),
    v.transform(String),
    judged(faultsOf('container-value', faultIn)),
  );
}

/** A text in which `faultIn` finds nothing that an engine would refuse. */
const checked = (what: string, faultIn: (value: string) => string | null) =>
  checkedText(what, faultsOf('container-value', faultIn));

const listOf = <T extends v.GenericSchema<string>>(item: T, what: string) => v.array(item, `must be a list of ${what}`);
const flag = v.boolean('must be true or false');
const duration = checked('a time, as 10s', faultOf(readDuration));

const wordList = v.pipe(v.array(v.string('must be text')), v.minLength(1, 'must not be empty'));
/** What an image is started with. Text is split into words, as compose does. */
const words = v.union(
  [checked('text', (value) => (wordsOf(value) === null ? 'has a quote that is not closed' : null)), wordList],
  'must be text, or a list of words',
);
/** A command, as `commands:` takes it. */
const command = v.union([text(), wordList], 'must be text, or a list of words');

/** A map, and no list: the library would take a list for a map with its indexes as keys. */
const mapOf = <T extends v.GenericSchema>(value: T) => v.record(v.pipe(v.string(), v.regex(/^(?!\d+$)/)), value);

/** A map of texts, or a list of `NAME=VALUE`, which becomes a map. Numbers are kept as they were written. */
export function pairs(what = 'NAME=VALUE') {
  const message = `must be a map, or a list of ${what}`;
  const scalar = v.union([v.string(), v.number(), v.boolean()], 'must be text');
  const item = v.pipe(
    v.string(`must be text, as ${what}`),
    judged(faultsOf('container-value', (pair) => (/^[^=]+=/s.test(pair) ? null : `has no value: write ${what}`))),
  );
  return v.pipe(
    v.union([v.array(item, message), mapOf(scalar)], message),
    v.transform((value): Record<string, string> => {
      if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, String(of)]));
      const split = (pair: string): [string, string] => [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1),
      ];
      return Object.fromEntries(value.map(split));
    }),
  );
}

export const HealthcheckSchema = v.strictObject({
  test: described(
    v.union([text(), wordList], 'must be text, or a list of words'),
    'text runs in a shell; a list begins with CMD, CMD-SHELL or NONE',
  ),
  interval: described(duration, 'between two checks, as 10s'),
  timeout: described(duration, 'after which a check has failed'),
  start_period: described(duration, 'in which failures do not count'),
  retries: described(
    v.pipe(
      v.number('must be a whole number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
    ),
    'failures in a row that make it unhealthy',
  ),
  disable: described(flag, "switches the image's own off"),
});

const ProgramSchema = v.strictObject({
  name: v.pipe(
    checked('a name', (value) =>
      /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(value)
        ? null
        : 'is no name of a program: letters, digits, "_", "." and "-", 63 at most',
    ),
    v.description('what its log is called by; once per node'),
  ),
  command: v.pipe(command, v.description('text runs as sh -c TEXT, a list as it is')),
  env: described(pairs(), 'variables of this program'),
  restart: described(oneOf(['no', 'on-failure', 'always'] as const), 'when it is started again; always unless given'),
});

const CopySchema = v.strictObject({
  source: v.pipe(text('a path'), v.description("file or folder; relative to this file's folder")),
  target: v.pipe(text('a path'), v.description('absolute path in the container')),
  mode: described(
    checked('text, as "0644"', (value) =>
      /^[0-7]{3,4}$/.test(value) ? null : 'is no mode: write three or four octal digits, as "0644"',
    ),
    'permission bits in octal, as text',
  ),
});

/** `links` means that the node's links are made; the other conditions are those of compose, each in one word. */
const WAIT_CONDITIONS = ['started', 'links', 'healthy', 'exited'] as const;

type WaitCondition = (typeof WAIT_CONDITIONS)[number];
const waitFor = v.pipe(
  v.union(
    [v.array(v.string('must be text')), mapOf(oneOf(WAIT_CONDITIONS))],
    'must be a list of nodes, or a map of nodes to conditions',
  ),
  v.transform(
    (value): Record<string, WaitCondition> =>
      Array.isArray(value) ? Object.fromEntries(value.map((name) => [name, 'links'])) : value,
  ),
);

const RESTART = /^(?:no|always|unless-stopped|on-failure(?::[1-9][0-9]{0,5})?)$/;
const SIGNAL = /^(?:SIG)?[A-Z][A-Z0-9+-]{1,11}$|^[1-9][0-9]?$/;

/** The keys of every node, with or without an image. */
const common = {
  exec: described(
    v.array(command, 'must be a list of commands'),
    'run in the node once its links are up; text runs as sh -c TEXT',
  ),
  run: described(v.array(ProgramSchema, 'must be a list of programs'), 'programs that are kept running, with logs'),
  wait_for: described(
    waitFor,
    'nodes that have to be there first: until their links are made, or a map to started, links, healthy or exited',
  ),
  ip: described(oneOrMore(prefix, 'an address with a prefix length'), 'address or addresses of lo, as 10.255.0.1/32'),
  labels: described(pairs(), "labels of one's own"),
  on: described(text('the name of a host'), 'host that the node is placed on'),
};

/** The keys that only a container has. */
const ofContainers = {
  image: described(v.nullable(text('an image')), 'image of the container; without one the node is a network namespace'),
  command: described(words, "in place of the image's; text is split into words"),
  entrypoint: described(words, "in place of the image's"),
  env: described(pairs(), 'variables: a map, or a list of NAME=VALUE'),
  binds: described(
    listOf(checked('text, as SOURCE:TARGET', faultOf(readBind)), 'binds'),
    "files and folders as SOURCE:TARGET[:ro], relative to this file's folder",
  ),
  ports: described(
    v.array(amountOf('a port, as 8080:80', faultOf(readPort)), 'must be a list of ports'),
    "published ports, as 8080:80/tcp; eth0 is the engine's then",
  ),
  sysctls: described(pairs(), "kernel settings of the container's own, as net.ipv4.ip_forward: 1"),
  cap_add: described(listOf(checked('a capability', capabilityFault), 'capabilities'), 'capabilities, as NET_ADMIN'),
  cap_drop: described(
    listOf(checked('a capability', capabilityFault), 'capabilities'),
    'capabilities that it is to lack',
  ),
  privileged: described(flag, 'all capabilities and devices; false unless given'),
  devices: described(listOf(checked('a device', deviceFault), 'devices'), 'devices, as /dev/net/tun'),
  user: described(
    amountOf('a user', (value) =>
      /^[^\s:]+(?::[^\s:]+)?$/.test(value) ? null : 'is no user: write NAME, UID or UID:GID',
    ),
    'user, as NAME or UID:GID',
  ),
  hostname: described(
    checked('a host name', (value) =>
      /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/.test(value)
        ? null
        : 'is no host name: letters, digits, "-" and ".", 63 at most',
    ),
    "the node's name unless given",
  ),
  memory: described(amountOf('an amount of memory, as 512m', faultOf(readMemory)), 'most memory, as 512m or 2g'),
  cpus: described(amountOf('a number of processors, as 0.5', faultOf(readCpus)), 'most processors, as 0.5'),
  network: described(
    checked('the name of a network', networkFault),
    "network of the engine, whose eth0 is the engine's then; none unless this or ports is given",
  ),
  copy: described(
    v.array(
      v.union(
        [checked('text, as SOURCE:TARGET', faultOf(readCopy)), CopySchema],
        'must be text, as SOURCE:TARGET, or a map with source and target',
      ),
      'must be a list of files',
    ),
    'files and folders that are copied in before it starts',
  ),
  healthcheck: described(HealthcheckSchema, 'in place of that of the image'),
  restart: described(
    checked('text', (value) =>
      RESTART.test(value) ? null : 'is no policy: write no, always, unless-stopped, on-failure or on-failure:N',
    ),
    'when the engine starts it again; no unless given',
  ),
  stop_signal: described(
    checked('a signal', (value) => (SIGNAL.test(value) ? null : 'is no signal: write SIGTERM or the like')),
    "in place of the image's",
  ),
};

function networkFault(value: string): string | null {
  if (value === 'host') return "is the host's namespace, in which a node would have no links of its own";
  if (value.startsWith('container:'))
    return 'is the namespace of another container, in which a node would have no links of its own';
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value) ? null : 'is no name of a network';
}

/** The keys that an entry without `image` can't have. */
export const CONTAINER_KEYS: readonly string[] = Object.keys(ofContainers).filter((key) => key !== 'image');

export const NodeSchema = v.strictObject({ ...ofContainers, ...common });

export type NodeConfig = v.InferOutput<typeof NodeSchema>;
