/**
 * `cli/` reads the command line: a file per verb, each of which parses, calls the pipeline, and hands
 * the result to `report/`. Nothing heavy is imported before the verb that needs it runs.
 *
 * This file: every option there is, once. A verb names those it takes. Each has an environment variable,
 * `LINKLOOM_` and its long name; the order is flag, environment, configuration file, default.
 */
import { InvalidArgumentError } from 'commander';
import { BRIDGE_MODES } from '../config/kinds.ts';
import { RESOLUTION_FORMATS } from '../mdc/formats.ts';
import { PROGRESS_MODES, type ProgressMode } from '../report/modes.ts';

export const SWITCH_SIDES = ['auto', 'own', 'netns'] as const;
export const FORMATS = ['yaml', 'json'] as const;
export const RUNTIMES = ['netns', 'container', 'service'] as const;

/** The values of all options after defaults; a verb sees only those it takes. */
export interface Options {
  readonly file: readonly string[];
  readonly networkFile: readonly string[];
  readonly composeFile: readonly string[];
  readonly lab?: string;
  readonly composeProject?: string;
  readonly envFile: readonly string[];
  readonly profile: readonly string[];
  readonly configSchema?: string;
  readonly defaultBridgeMode: (typeof BRIDGE_MODES)[number];
  readonly defaultMtu: number;
  readonly keepVethOffload: boolean;
  readonly dockerSocket?: string;
  readonly podmanSocket?: string;
  readonly switch: (typeof SWITCH_SIDES)[number];
  readonly workers?: number;
  readonly wait: number;
  readonly watch: boolean;
  readonly reload: boolean;
  readonly rerunCommands: boolean;
  readonly trace?: string;
  readonly rounds: number;
  readonly html?: string;
  readonly offline: boolean;
  readonly prune: boolean;
  readonly all: boolean;
  readonly showConfig: boolean;
  readonly detailedExitcode: boolean;
  readonly json: boolean;
  readonly progress: ProgressMode;
  readonly verbose: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly runtime: (typeof RUNTIMES)[number];
  readonly resolve?: (typeof RESOLUTION_FORMATS)[number];
  readonly nodes?: number;
  readonly links?: number;
  readonly base?: string;
  readonly bridgeMode?: (typeof BRIDGE_MODES)[number];
  readonly mtu?: number;
  readonly seed?: number;
}

export interface Flag {
  readonly flags: string;
  readonly description: string;
  readonly group: 'Configuration' | 'Nodes and kernel' | 'Output' | 'Shape';
  readonly default?: unknown;
  /** Variables that mean the same, asked after `LINKLOOM_…`. */
  readonly alsoEnv?: readonly string[];
  readonly choices?: readonly string[];
  /** Called for each value; `previous` is undefined for the first one. */
  readonly parse?: (value: string, previous: unknown) => unknown;
  /** Several values: in the environment, parted by `:`. */
  readonly list?: true;
}

export const FLAGS = {
  file: {
    flags: '-f, --file <file>',
    description: 'compose or network file, told apart by content; `-` is standard input; may be repeated',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), fileName(value)],
    list: true,
  },
  networkFile: {
    flags: '--network-file <file...>',
    description: 'network file, or several, also as a `:` list; may be repeated',
    group: 'Configuration',
    parse: colonList,
    list: true,
  },
  composeFile: {
    flags: '--compose-file <file...>',
    description: 'compose file with `x-network`, or several, also as a `:` list; may be repeated',
    group: 'Configuration',
    parse: colonList,
    list: true,
  },
  lab: {
    flags: '--lab <name>',
    description:
      'name of the lab (else `lab:` of the configuration, the compose project, or the folder; in a container, its project or id)',
    group: 'Configuration',
  },
  composeProject: {
    flags: '--compose-project <name>',
    description: 'compose project that `service` links are for (default: our own)',
    group: 'Configuration',
  },
  envFile: {
    flags: '--env-file <file>',
    description: 'file of variables, instead of `.env`; may be repeated (else COMPOSE_ENV_FILES)',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), fileName(value)],
    list: true,
  },
  profile: {
    flags: '--profile <name>',
    description: 'compose profile that is on; may be repeated (else COMPOSE_PROFILES)',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), value],
    list: true,
  },
  configSchema: {
    flags: '--config-schema <file>',
    description: 'accepted for compatibility; linkloom checks with its own schema',
    group: 'Configuration',
  },
  defaultBridgeMode: {
    flags: '--default-bridge-mode <mode>',
    description: 'mode of bridges that name none',
    group: 'Configuration',
    choices: BRIDGE_MODES,
    default: 'auto',
    alsoEnv: ['CONLINK_BRIDGE_MODE'],
  },
  defaultMtu: {
    flags: '--default-mtu <bytes>',
    description: 'MTU of links that name none',
    group: 'Configuration',
    parse: wholeNumber(68, 65_535),
    default: 65_535,
  },
  keepVethOffload: {
    flags: '--keep-veth-offload',
    description: 'leave transmit checksum offload on',
    group: 'Configuration',
  },
  dockerSocket: {
    flags: '--docker-socket <path>',
    description: 'socket of Docker (default: DOCKER_HOST, else /var/run/docker.sock)',
    group: 'Nodes and kernel',
  },
  podmanSocket: {
    flags: '--podman-socket <path>',
    description: 'socket of Podman (default: /var/run/podman/podman.sock)',
    group: 'Nodes and kernel',
  },
  switch: {
    flags: '--switch <where>',
    description: 'where bridges live: in our own namespace, in namespaces made for them, or as fits',
    group: 'Nodes and kernel',
    choices: SWITCH_SIDES,
    default: 'auto',
  },
  workers: {
    flags: '--workers <count>',
    description: 'worker threads (default: one, as a lock of the kernel makes more of them slower)',
    group: 'Nodes and kernel',
    parse: wholeNumber(1, 1024),
  },
  wait: {
    flags: '--wait <seconds>',
    description: 'how long to wait for nodes that do not run yet',
    group: 'Nodes and kernel',
    parse: seconds,
    default: 0,
  },
  trace: {
    flags: '--trace <file>',
    description: 'write where the time went, for chrome://tracing or ui.perfetto.dev',
    group: 'Output',
    parse: fileName,
  },
  rounds: {
    flags: '--rounds <count>',
    description: 'how often each is measured',
    group: 'Output',
    parse: wholeNumber(1, 1000),
    default: 3,
  },
  html: {
    flags: '--html <file>',
    description: 'also write a page with figures',
    group: 'Output',
    parse: fileName,
  },
  watch: {
    flags: '--watch',
    description: 'stay, and keep the links as nodes come and go; stopping leaves the links',
    group: 'Nodes and kernel',
  },
  reload: {
    flags: '--no-reload',
    description: 'a daemon does not follow its files: edits, and SIGHUP, change nothing',
    group: 'Configuration',
  },
  rerunCommands: {
    flags: '--rerun-commands',
    description: 'run the commands of all nodes again, not only of those whose links are made',
    group: 'Nodes and kernel',
  },
  prune: {
    flags: '--prune',
    description: 'also remove what other files made of the lab and these do not describe (else it is told, and stays)',
    group: 'Configuration',
  },
  offline: {
    flags: '--offline',
    description: 'plan against an empty kernel: no root, no engine',
    group: 'Nodes and kernel',
  },
  all: {
    flags: '--all',
    description: 'list the labs of this host',
    group: 'Output',
  },
  showConfig: {
    flags: '--show-config',
    description: 'print the configuration with its defaults as one line of JSON, and end',
    group: 'Output',
  },
  detailedExitcode: {
    flags: '--detailed-exitcode',
    description: 'exit 4 where there are differences',
    group: 'Output',
  },
  json: {
    flags: '--json',
    description: 'print a JSON document on standard output',
    group: 'Output',
  },
  progress: {
    flags: '--progress <mode>',
    description: 'how progress is shown on standard error',
    group: 'Output',
    choices: PROGRESS_MODES,
    default: 'auto',
  },
  verbose: {
    flags: '-v, --verbose',
    description: 'tell more',
    group: 'Output',
    alsoEnv: ['VERBOSE'],
  },
  format: {
    flags: '--format <format>',
    description: 'form of what is printed',
    group: 'Output',
    choices: FORMATS,
    default: 'yaml',
  },
  resolve: {
    flags: '--resolve <format>',
    description: 'only print which modes are meant, dependencies first',
    group: 'Output',
    choices: RESOLUTION_FORMATS,
  },
  runtime: {
    flags: '--runtime <kind>',
    description: 'what the nodes are',
    group: 'Shape',
    choices: RUNTIMES,
    default: 'netns',
  },
  nodes: {
    flags: '--nodes <count>',
    description: 'how many nodes (default: by shape)',
    group: 'Shape',
    parse: wholeNumber(1, 1_000_000),
  },
  links: {
    flags: '--links <count>',
    description: 'how many links: what it counts, and the default, depend on the shape',
    group: 'Shape',
    parse: wholeNumber(1, 1022),
  },
  base: {
    flags: '--base <address>',
    description: 'IPv4 address from which the /30 networks count (default: 10.0.0.0)',
    group: 'Shape',
  },
  bridgeMode: {
    flags: '--bridge-mode <mode>',
    description: 'mode of the bridges (default: none is written)',
    group: 'Shape',
    choices: BRIDGE_MODES,
  },
  mtu: {
    flags: '--mtu <bytes>',
    description: 'MTU of the links (default: none is written)',
    group: 'Shape',
    parse: wholeNumber(68, 65_535),
  },
  seed: {
    flags: '--seed <number>',
    description: 'which of the random shapes (default: 1)',
    group: 'Shape',
    parse: wholeNumber(0, 2 ** 32 - 1),
  },
} as const satisfies Readonly<Record<keyof Options, Flag>>;

export type FlagName = keyof typeof FLAGS;

/** What every verb that loads a configuration takes. */
export const SOURCE_FLAGS = [
  'file',
  'networkFile',
  'composeFile',
  'lab',
  'composeProject',
  'envFile',
  'profile',
  'defaultBridgeMode',
  'defaultMtu',
  'keepVethOffload',
] as const satisfies readonly FlagName[];

/** What every verb that reaches nodes takes. */
export const NODE_FLAGS = ['dockerSocket', 'podmanSocket', 'switch', 'workers'] as const satisfies readonly FlagName[];

export const REPORT_FLAGS = ['json', 'progress', 'verbose'] as const satisfies readonly FlagName[];

function listOf(previous: unknown): readonly string[] {
  return Array.isArray(previous) ? previous : [];
}

/** A missing value would take the next option for a file. */
function fileName(value: string): string {
  if (value === '-' || !value.startsWith('-')) return value;
  throw new InvalidArgumentError(`It looks like an option; a file of that name is ./${value}`);
}

function colonList(value: string, previous: unknown): readonly string[] {
  return [
    ...listOf(previous),
    ...fileName(value)
      .split(':')
      .filter((part) => part !== ''),
  ];
}

function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (number <= 86_400) return number;
  throw new InvalidArgumentError('It must be a number of seconds, at most 86400.');
}
