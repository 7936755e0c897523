/** Options about what runs in nodes. */
import { InvalidArgumentError } from 'commander';
import { type Flag, listOf, seconds, wholeNumber } from './flag.ts';

/** A word of a form, after those given before; what is in it is read later. */
function repeated(form: RegExp, advice: string): (value: string, previous: unknown) => readonly string[] {
  return (value, previous) => {
    if (form.test(value)) return [...listOf(previous), value];
    throw new InvalidArgumentError(advice);
  };
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
} as const satisfies Readonly<Record<string, Flag>>;
