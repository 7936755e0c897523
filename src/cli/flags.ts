/**
 * `cli/` reads the command line. Each verb has a file: it parses, calls the pipeline, and passes the result to `report/`. Nothing
 * heavy is imported before the verb that needs it runs.
 *
 * This file lists every option, once; `flags/` says what each means, by subject. A verb names the options that it takes. Each
 * option has an environment variable, `LINKLOOM_` and its long name. The command line counts most, then the environment, the
 * configuration, the default.
 */

import type { ForeignFormat } from '../config/import/formats.ts';
import type { ExportFormat } from '../export/formats.ts';
import type { BRIDGE_MODES } from '../kinds/bridge-modes.ts';
import type { RESOLUTION_FORMATS } from '../mdc/formats.ts';
import type { LayoutName } from '../picture/layout/names.ts';
import type { Sort } from '../report/live/view.ts';
import type { ProgressMode } from '../report/modes.ts';
import type { Protocol } from '../routing/daemon.ts';
import { API_FLAG_TABLE, type ListenAddress } from './flags/api.ts';
import { CAPTURE_FLAGS, type CAPTURE_SIDES, type DIRECTIONS } from './flags/capture.ts';
import { CHECK_FLAGS } from './flags/check.ts';
import { CONFIGURATION_FLAGS } from './flags/configuration.ts';
import { EXPORT_FLAGS } from './flags/export.ts';
import type { Flag } from './flags/flag.ts';
import { IMPORT_FLAGS } from './flags/import.ts';
import { KERNEL_FLAGS, type SWITCH_SIDES } from './flags/kernel.ts';
import { LIVE_FLAGS } from './flags/live.ts';
import { type FORMATS, OUTPUT_FLAGS } from './flags/output.ts';
import { OVERRIDE_FLAGS } from './flags/override.ts';
import { PROGRAM_FLAGS } from './flags/programs.ts';
import { ROUTING_FLAGS } from './flags/routing.ts';
import { type RUNTIMES, SHAPE_FLAGS } from './flags/shape.ts';
import { STORE_FLAG_TABLE } from './flags/store.ts';

/** The values of all options, with defaults. A verb sees only those that it takes. */
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
  readonly detach: boolean;
  readonly watch: boolean;
  readonly reload: boolean;
  readonly api: boolean;
  readonly listen?: ListenAddress;
  readonly tokenFile?: string;
  readonly apiSchema: boolean;
  readonly composeSchema: boolean;
  readonly playSchema: boolean;
  readonly preflight: boolean;
  readonly rerunCommands: boolean;
  readonly trace?: string;
  readonly rounds: number;
  readonly html?: string;
  readonly junit?: string;
  readonly verify: boolean;
  readonly proof: boolean;
  readonly deadline?: number;
  readonly rootless: boolean;
  readonly offline: boolean;
  readonly prune: boolean;
  readonly all: boolean;
  readonly allNodes: boolean;
  readonly parallel: number;
  readonly ansible: boolean;
  readonly untilLinks: boolean;
  readonly address: readonly string[];
  readonly port: readonly string[];
  readonly path: readonly string[];
  readonly healthy: boolean;
  readonly grace: number;
  readonly follow: boolean;
  readonly tail?: number;
  readonly since?: number;
  readonly timeout: number;
  readonly onlyNode: readonly string[];
  readonly onlyLink: readonly string[];
  readonly onlyKind: readonly string[];
  readonly write: string;
  readonly side: (typeof CAPTURE_SIDES)[number];
  readonly direction: (typeof DIRECTIONS)[number];
  readonly filter?: string;
  readonly count?: number;
  readonly seconds?: number;
  readonly snaplen: number;
  readonly ringSize?: number;
  readonly ringSeconds?: number;
  readonly ringFiles?: number;
  readonly onlyBridge: readonly string[];
  readonly onlyDrift: boolean;
  readonly live: boolean;
  readonly sort?: Sort;
  readonly interval?: number;
  readonly showConfig: boolean;
  readonly detailedExitcode: boolean;
  readonly json: boolean;
  readonly ci: boolean;
  readonly progress: ProgressMode;
  readonly verbose: boolean;
  readonly format: (typeof FORMATS)[number];
  readonly runtime?: (typeof RUNTIMES)[number];
  readonly layout: LayoutName;
  readonly group: readonly string[];
  readonly ports: boolean;
  readonly resolve?: (typeof RESOLUTION_FORMATS)[number];
  readonly nodes?: number;
  readonly links?: number;
  readonly base?: string;
  readonly bridgeMode?: (typeof BRIDGE_MODES)[number];
  readonly mtu?: number;
  readonly seed?: number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly pods?: number;
  readonly leaves?: number;
  readonly oversubscription?: number;
  readonly nodeImage: readonly string[];
  readonly compose: boolean;
  readonly from?: ForeignFormat;
  readonly image: readonly string[];
  readonly as?: 'netns';
  readonly keepUnknown: boolean;
  readonly carryImpair: boolean;
  readonly vars?: string;
  readonly to?: ExportFormat;
  readonly output: string;
  readonly strict: boolean;
  readonly wires?: string;
  readonly loopbacks?: string;
  readonly wires6?: string;
  readonly loopbacks6?: string;
  readonly ipv6: boolean;
  readonly frr?: Protocol;
  readonly frrNodes: readonly string[];
  readonly fastTimers: boolean;
  readonly setDown: boolean;
  readonly setUp: boolean;
  readonly setMtu?: number;
  readonly delay?: number;
  readonly jitter?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly corrupt?: number;
  readonly reorder?: number;
  readonly rate?: number;
  readonly limit?: number;
  readonly both: boolean;
  readonly reset: boolean;
  readonly dryRun: boolean;
  readonly allPairs: boolean;
  readonly check: boolean;
  readonly checks: boolean;
  readonly checkFrom: readonly string[];
  readonly within?: number;
  readonly checkTimeout?: number;
  readonly store?: readonly string[];
  readonly storeTlsCa?: string;
  readonly storeTlsCert?: string;
  readonly storeTlsKey?: string;
  readonly storeNkey?: string;
  readonly storeCreds?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly hostAddress?: string;
  readonly hostLabel?: readonly string[];
}

export const FLAGS = {
  ...CONFIGURATION_FLAGS,
  ...KERNEL_FLAGS,
  ...API_FLAG_TABLE,
  ...PROGRAM_FLAGS,
  ...LIVE_FLAGS,
  ...CAPTURE_FLAGS,
  ...OVERRIDE_FLAGS,
  ...CHECK_FLAGS,
  ...OUTPUT_FLAGS,
  ...SHAPE_FLAGS,
  ...IMPORT_FLAGS,
  ...EXPORT_FLAGS,
  ...ROUTING_FLAGS,
  ...STORE_FLAG_TABLE,
} as const satisfies Readonly<Record<keyof Options, Flag>>;

export type FlagName = keyof typeof FLAGS;

/** What every verb takes that asks a configuration only which nodes there are. */
export const LAB_FLAGS = [
  'file',
  'networkFile',
  'composeFile',
  'lab',
  'composeProject',
  'envFile',
  'profile',
] as const satisfies readonly FlagName[];

/** The options of a shape: its size, what only some have, and what its wires are. */
export const SHAPE_NUMBERS = [
  ...(['nodes', 'links', 'alpha', 'beta', 'pods', 'leaves', 'oversubscription', 'seed'] as const),
  ...(['bridgeMode', 'mtu'] as const),
] as const satisfies readonly FlagName[];

/** The options of verbs that write an address plan into what they print. */
export const ADDRESS_FLAGS = [
  'wires',
  'loopbacks',
  'wires6',
  'loopbacks6',
  'ipv6',
] as const satisfies readonly FlagName[];

/** The options of verbs that write FRR into what they print. */
export const FRR_FLAGS = ['frr', 'frrNodes', 'fastTimers'] as const satisfies readonly FlagName[];

/** The options of every verb that loads a configuration. */
export const SOURCE_FLAGS = [
  ...LAB_FLAGS,
  'defaultBridgeMode',
  'defaultMtu',
  'keepVethOffload',
] as const satisfies readonly FlagName[];

/** The options of every verb that reaches nodes. */
export const NODE_FLAGS = ['dockerSocket', 'podmanSocket', 'switch', 'workers'] as const satisfies readonly FlagName[];

/** The options of every verb that keeps running. */
export const API_FLAGS = ['api', 'listen', 'tokenFile'] as const satisfies readonly FlagName[];

/** The options of every verb that works on a lab over several hosts. */
export const STORE_FLAGS = [
  'store',
  'storeTlsCa',
  'storeTlsCert',
  'storeTlsKey',
  'storeNkey',
  'storeCreds',
] as const satisfies readonly FlagName[];

export const REPORT_FLAGS = ['json', 'progress', 'ci', 'verbose'] as const satisfies readonly FlagName[];

/** Whether the command line names a configuration. */
export function namesFile({ file, networkFile, composeFile }: Options): boolean {
  return file.length + networkFile.length + composeFile.length > 0;
}
