/** Defines each mode of a bridge. No other file compares the word of a mode: a new mode is a new row here. */

/** The values of the key `mode`. `auto` is no mode of its own; it stands for one of the others. */
export const BRIDGE_MODES = ['auto', 'ovs', 'linux', 'patch', 'direct'] as const;
/** The mode of wires that name none. */
export const WIRE_MODE = 'direct';

export type BridgeMode = Exclude<(typeof BRIDGE_MODES)[number], 'auto'>;

interface Bridge {
  readonly name: string;
  readonly mode: BridgeMode;
}

export interface BridgeModeTraits {
  /** Whether the bridge is itself a device of the switch side, with its own name. */
  readonly isDevice: boolean;
  /** Whether its ports have it as their master in the kernel (IFLA_MASTER). */
  readonly isMaster: boolean;
  /** Whether Open vSwitch does the switching. Then the bridge and its ports are rows of a database too. */
  readonly isOvs: boolean;
  /** Whether it is a wire: it ties two ends together and is no device, so each end depends on the other. */
  readonly isWire: boolean;
  /** Whether its links have outer ends on the switch side. If not, the two ends are one veth between the nodes. */
  readonly hasPorts: boolean;
  readonly carriesTunnels: boolean;
  /** Whether published ports can be forwarded to its links. */
  readonly takesForward: boolean;
  /** The most links and tunnels that it takes. */
  readonly portsMax: number;
  /** The reason for `portsMax`, for messages; null if the bridge is a wire, or has no limit. */
  readonly limit: string | null;
}

const DEVICE = { isDevice: true, isWire: false, hasPorts: true, carriesTunnels: true, takesForward: true };
const WIRE = { isDevice: false, isMaster: false, isOvs: false, isWire: true, takesForward: false };

const TRAITS: Readonly<Record<BridgeMode, BridgeModeTraits>> = {
  // BR_MAX_PORTS is 1 << 10, and port 0 is not used (net/bridge/br_private.h).
  linux: {
    ...DEVICE,
    isMaster: true,
    isOvs: false,
    portsMax: 1023,
    limit: 'a Linux bridge holds 1023 (BR_MAX_PORTS)',
  },
  ovs: { ...DEVICE, isMaster: false, isOvs: true, portsMax: Number.POSITIVE_INFINITY, limit: null },
  patch: { ...WIRE, hasPorts: true, carriesTunnels: true, portsMax: 2, limit: null },
  direct: { ...WIRE, hasPorts: false, carriesTunnels: false, portsMax: 2, limit: null },
};

/** The traits of a bridge's mode; undefined if there is no bridge. */
export function traitsOf(bridge: Pick<Bridge, 'mode'>): BridgeModeTraits;
export function traitsOf(bridge: Pick<Bridge, 'mode'> | undefined): BridgeModeTraits | undefined;
export function traitsOf(bridge: Pick<Bridge, 'mode'> | undefined): BridgeModeTraits | undefined {
  return bridge === undefined ? undefined : TRAITS[bridge.mode];
}

/** The names of the bridges whose mode has a trait. */
export function bridgesThat(
  bridges: readonly Bridge[],
  isSo: (traits: BridgeModeTraits) => boolean,
): ReadonlySet<string> {
  return new Set(bridges.flatMap((bridge) => (isSo(traitsOf(bridge)) ? [bridge.name] : [])));
}

/** The modes that have a trait, as people list them: `linux or ovs`. */
export function modesThat(isSo: (traits: BridgeModeTraits) => boolean, conjunction: 'and' | 'or'): string {
  const modes = Object.entries(TRAITS).flatMap(([mode, traits]) => (isSo(traits) ? [mode] : []));
  const last = modes.pop() ?? '';
  return modes.length === 0 ? last : `${modes.join(', ')} ${conjunction} ${last}`;
}

/** The hint for a wire that has more than two ends. */
export const MORE_THAN_TWO = `use mode ${modesThat(({ isWire }) => !isWire, 'or')} to tie more than two links together`;

/** The mode of a bridge as it is written. */
interface WrittenMode {
  readonly mode?: BridgeMode | 'auto' | undefined;
  readonly datapath?: string | undefined;
}

/** The mode of a bridge, which may give none. `auto`, and a bridge with a datapath, become Open vSwitch's if the machine has it. */
export function effectiveMode(
  written: WrittenMode,
  fallback: BridgeMode | 'auto',
  haveOpenvswitch: boolean | null,
): BridgeMode {
  // Only Open vSwitch has a datapath to choose.
  const mode = written.mode ?? (written.datapath === undefined ? fallback : 'ovs');
  if (mode !== 'auto') return mode;
  return haveOpenvswitch === true ? 'ovs' : 'linux';
}

/** The mode of a bridge that others made, by whether the host's Open vSwitch has it; so it counts too before anybody has looked. */
export function foundMode(isInOpenvswitch: boolean): BridgeMode {
  return isInOpenvswitch ? 'ovs' : 'linux';
}

/** Whether a device is a Linux bridge, by the kernel's word for its kind. Open vSwitch's bridges are devices of other kinds. */
export function isLinuxBridge(device: { readonly kind: string } | undefined): boolean {
  return device?.kind === 'bridge';
}
