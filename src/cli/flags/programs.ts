/** Options about what runs in nodes. */
import { InvalidArgumentError } from 'commander';
import { readDuration } from '../../config/nodes/values.ts';
import { type Flag, listOf, seconds, wholeNumber } from './flag.ts';

/** A word of a form, after those given before; what is in it is read later. */
function repeated(form: RegExp, advice: string): (value: string, previous: unknown) => readonly string[] {
  return (value, previous) => {
    if (form.test(value)) return [...listOf(previous), value];
    throw new InvalidArgumentError(advice);
  };
}

/** A time, or how long ago → seconds since the Unix epoch. */
function moment(value: string): number {
  const ago = readDuration(value);
  if ('value' in ago) return (Date.now() - ago.value) / 1000;
  const at = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(at)) return at / 1000;
  throw new InvalidArgumentError('It must be 90s, 10m, 2h, or a time as 2026-01-31T12:00:00Z.');
}

export const PROGRAM_FLAGS = {
  allNodes: {
    flags: '--all',
    description: 'all nodes of the lab',
    group: 'Nodes and kernel',
  },
  parallel: {
    flags: '--parallel <count>',
    description: 'nodes at a time',
    group: 'Nodes and kernel',
    parse: wholeNumber(1, 1024),
    default: 16,
  },
  ansible: {
    flags: '--ansible',
    description: 'as an inventory of Ansible, in YAML (what is printed without --json, too)',
    group: 'Output',
  },
  untilLinks: {
    flags: '--links',
    description: 'until all links are up and as wanted',
    group: 'Nodes and kernel',
  },
  address: {
    flags: '--address <address>',
    description: 'until the nodes have this address; `NODE=ADDRESS`: one node; may be repeated',
    group: 'Nodes and kernel',
    parse: repeated(/^(.+=)?[0-9a-f:.]*[:.][0-9a-f:./]*$/i, 'It must be 10.0.0.1, fd00::1 or NODE=ADDRESS.'),
    // No list: in the environment `:` is part of an address.
  },
  port: {
    flags: '--port <port>',
    description: 'until something listens on it: `80`, `53/udp`; `NODE:PORT`: in one node; may be repeated',
    group: 'Nodes and kernel',
    parse: repeated(/^(.+:)?[0-9]{1,5}(\/(tcp|udp))?$/, 'It must be 80, 53/udp or NODE:80.'),
  },
  path: {
    flags: '--path <path>',
    description: 'until there is such a file or folder; `NODE:PATH`: in one node; may be repeated',
    group: 'Nodes and kernel',
    parse: repeated(/^([^/:]+(\/[^/:]+)?:)?\//, 'It must be an absolute path, or NODE:/PATH.'),
  },
  healthy: {
    flags: '--healthy',
    description: 'until the health checks of the containers pass',
    group: 'Nodes and kernel',
  },
  timeout: {
    flags: '--timeout <seconds>',
    description: 'how long to wait at most',
    group: 'Nodes and kernel',
    parse: seconds,
    default: 60,
  },
  grace: {
    flags: '--grace <seconds>',
    description: 'how long a container may take to end before it is killed',
    group: 'Nodes and kernel',
    parse: seconds,
    default: 10,
  },
  follow: {
    flags: '--follow',
    description: 'stay, and show what is written from now on',
    group: 'Output',
  },
  tail: {
    flags: '--tail <lines>',
    description: 'only so many lines of the end',
    group: 'Output',
    parse: wholeNumber(0, 1_000_000_000),
  },
  since: {
    flags: '--since <time>',
    description: 'only what is later: `10m` ago, or a time as 2026-01-31T12:00:00Z',
    group: 'Output',
    parse: moment,
  },
} as const satisfies Readonly<Record<string, Flag>>;
