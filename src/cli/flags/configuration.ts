/** Options about what is wanted: files, the lab, defaults. */
import { BRIDGE_MODES } from '../../kinds/bridge-modes.ts';
import { colonList, type Flag, fileName, listOf, wholeNumber } from './flag.ts';

export const CONFIGURATION_FLAGS = {
  file: {
    flags: '-f, --file <file>',
    description: 'compose or network file, recognised by content; `-` is standard input; may be repeated',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), fileName(value)],
    list: true,
  },
  networkFile: {
    flags: '--network-file <file...>',
    mayBeEmpty: true,
    description: 'network file, or several, also as a `:` list; may be repeated',
    group: 'Configuration',
    parse: colonList,
    list: true,
  },
  composeFile: {
    flags: '--compose-file <file...>',
    mayBeEmpty: true,
    description: 'compose file with `x-network`, or several, also as a `:` list; may be repeated',
    group: 'Configuration',
    parse: colonList,
    list: true,
  },
  lab: {
    flags: '--lab <name>',
    description:
      'name of the lab (default: `lab:` of the configuration, else the compose project, else the folder; in a container, its project or id)',
    group: 'Configuration',
  },
  composeProject: {
    flags: '--compose-project <name>',
    mayBeEmpty: true,
    description: 'compose project that `service` links are for (default: our own)',
    group: 'Configuration',
  },
  envFile: {
    flags: '--env-file <file>',
    description: 'file of variables, instead of `.env`; may be repeated (default: COMPOSE_ENV_FILES)',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), fileName(value)],
    list: true,
  },
  profile: {
    flags: '--profile <name>',
    mayBeEmpty: true,
    description: 'active compose profile; may be repeated (default: COMPOSE_PROFILES)',
    group: 'Configuration',
    parse: (value, previous) => [...listOf(previous), value],
    list: true,
  },
  configSchema: {
    flags: '--config-schema <file>',
    mayBeEmpty: true,
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
  reload: {
    flags: '--no-reload',
    description: 'do not follow the files: neither an edit nor SIGHUP changes anything',
    group: 'Configuration',
  },
  prune: {
    flags: '--prune',
    description:
      'also remove what other files made of the lab and these do not describe (otherwise it is reported, and stays)',
    group: 'Configuration',
  },
} as const satisfies Readonly<Record<string, Flag>>;
