/**
 * The bridges of a Config: those that it defines, then those that only its links name, then those that only its tunnels
 * name.
 */

import { type Config, type Entry, placeOf, spanOf } from '../config/config.ts';
import type { Diagnostics } from '../config/diagnose.ts';
import { linkLabel } from '../config/rules.ts';
import type { BridgeConfig } from '../config/schema.ts';
import {
  type BridgeMode,
  effectiveMode,
  foundMode,
  MORE_THAN_TWO,
  modesThat,
  traitsOf,
} from '../kinds/bridge-modes.ts';
import { joinsBridge } from '../kinds/links/link-kinds.ts';
import { checkIfname } from '../net/ifname.ts';
import type { BridgeSpec } from './topology.ts';

export interface BridgeOptions {
  /** The mode of bridges that give none. Default: `auto`. */
  readonly defaultBridgeMode?: BridgeMode | 'auto' | undefined;
  /**
   * Whether Open vSwitch's programs and the kernel's datapath exist. null: not known. `auto` means `ovs` only if this
   * is true, otherwise `linux`.
   */
  readonly haveOpenvswitch: boolean | null;
}

/** Fills in the mode of every bridge, and checks what can be wrong with bridges. */
export function normaliseBridges(
  config: Config,
  options: BridgeOptions,
  diagnostics: Diagnostics,
): readonly BridgeSpec[] {
  const bridges = new Map<string, BridgeSpec>();
  for (const entry of config.bridges) bridges.set(entry.value.bridge, definedBridge(entry, options, diagnostics));
  const implied = [
    ...config.links.filter(({ value }) => joinsBridge(value.type)),
    ...config.tunnels,
  ] as readonly Entry<{ readonly bridge?: string | undefined }>[];
  for (const entry of implied) {
    const name = entry.value.bridge;
    if (name === undefined || bridges.has(name)) continue;
    bridges.set(name, bridgeOf(entry, { bridge: name }, options, diagnostics));
  }
  reportWires(config, bridges, diagnostics);
  return [...bridges.values()];
}

const NO_KEYS: BridgeSpec['extra'] = {};

function definedBridge(entry: Entry<BridgeConfig>, options: BridgeOptions, diagnostics: Diagnostics): BridgeSpec {
  const { bridge, mode, datapath, 'mcast-snooping': snooping, external, ...extra } = entry.value;
  void [mode, datapath, snooping];
  if (external) {
    checkExternal(entry, diagnostics);
    const found = bridgeOf(entry, { bridge, mode: foundMode(false) }, options, diagnostics);
    return { ...found, isExternal: true, extra };
  }
  return bridgeOf(entry, entry.value, options, diagnostics, extra);
}

/** An existing bridge stays as it is: no key can say how it is to be. */
function checkExternal(entry: Entry<BridgeConfig>, diagnostics: Diagnostics): void {
  for (const key of Object.keys(entry.value)) {
    if (key === 'bridge' || key === 'external' || key.startsWith('x-')) continue;
    diagnostics.add('keys-exclude', `bridge ${entry.value.bridge}: external and ${key} exclude each other`, {
      where: () => spanOf(entry, key),
      hint: `a bridge that is there already stays as it is: leave ${key} out`,
    });
  }
}

function bridgeOf(
  entry: Entry<unknown>,
  written: BridgeConfig,
  options: BridgeOptions,
  diagnostics: Diagnostics,
  extra: BridgeSpec['extra'] = NO_KEYS,
): BridgeSpec {
  const { bridge: name } = written;
  const mode = effectiveMode(written, options.defaultBridgeMode ?? 'auto', options.haveOpenvswitch);
  const { isDevice, isOvs } = traitsOf({ mode });
  const nameFault = isDevice ? checkIfname(name) : null;
  if (nameFault !== null)
    diagnostics.add('bridge-name', `bridge ${name}: the name ${nameFault}`, {
      where: () => spanOf(entry, 'bridge'),
      hint: `a bridge is a device too; only ${modesThat((traits) => !traits.isDevice, 'and')} ones are named freely`,
    });
  const datapath = written.datapath ?? null;
  if (written.mode === 'auto' && !isOvs && options.haveOpenvswitch === false) {
    const message = `bridge ${name} mode is 'auto', but no 'openvswitch' kernel module loaded, so falling back to '${mode}'`;
    diagnostics.add('bridge-mode-fallback', message, { where: () => spanOf(entry, 'mode') });
  }
  return {
    name,
    mode,
    datapath,
    mcastSnooping: written['mcast-snooping'] ?? false,
    extra: Object.keys(extra).length === 0 ? NO_KEYS : extra,
    where: placeOf(entry),
  };
}

/**
 * Reports patch and direct bridges with too many links or tunnels. Such a bridge is a wire: a third link or tunnel has
 * no end to connect to.
 */
function reportWires(
  { links, tunnels }: Config,
  bridges: ReadonlyMap<string, BridgeSpec>,
  diagnostics: Diagnostics,
): void {
  const joining = [
    ...links.map((entry) => ({ entry, name: entry.value.bridge, label: linkLabel(entry.value) })),
    ...tunnels.map((entry, index) => ({ entry, name: entry.value.bridge, label: `tunnels[${index}]` })),
  ];
  const ends = new Map<string, string[]>();
  for (const { entry, name, label } of joining) {
    const bridge = bridges.get(name ?? '');
    if (bridge === undefined || !traitsOf(bridge).isWire) continue;
    const joined = ends.get(bridge.name) ?? [];
    if (joined.push(label) === 1) ends.set(bridge.name, joined);
    if (joined.length !== traitsOf(bridge).portsMax + 1) continue;
    const message = `${joined[2]}: bridge ${bridge.name} is ${bridge.mode}, a wire of two ends, and has ${joined[0]} and ${joined[1]}`;
    diagnostics.add('wire-third-end', message, {
      where: () => spanOf(entry, 'bridge'),
      hint: MORE_THAN_TWO,
    });
  }
}
