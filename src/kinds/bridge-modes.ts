/** What each mode of a bridge is. No other file asks for a mode by its word: a new mode is a row here. */

/** What the key `mode` takes. `auto` is no mode of its own: it stands for one of the others. */
export const BRIDGE_MODES = ['auto', 'ovs', 'linux', 'patch', 'direct'] as const;
export type BridgeMode = Exclude<(typeof BRIDGE_MODES)[number], 'auto'>;

interface Bridge {
  readonly name: string;
  readonly mode: BridgeMode;
}

export interface BridgeModeTraits {
  /** The bridge is itself a device of the switch side, with its own name. */
  readonly isDevice: boolean;
  /** Its ports have it as their master in the kernel (IFLA_MASTER). */
  readonly isMaster: boolean;
  /** Open vSwitch switches: bridge and ports are rows of its database too. */
  readonly isOvs: boolean;
  /** It ties two ends together and is no device, so that one end has to do with the other. */
  readonly isWire: boolean;
  /** Its links have outer ends on the switch side; else the two ends are one veth between the nodes. */
  readonly hasPorts: boolean;
  readonly carriesTunnels: boolean;
  /** Published ports can be led to its links. */
  readonly takesForward: boolean;
  /** Links and tunnels that it takes at most. */
  readonly portsMax: number;
  /** Where `portsMax` comes from, for messages; null: a wire has two ends, or there is no limit. */
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

/** What a bridge's mode is; undefined for no bridge. */
export function traitsOf(bridge: Pick<Bridge, 'mode'>): BridgeModeTraits;
export function traitsOf(bridge: Pick<Bridge, 'mode'> | undefined): BridgeModeTraits | undefined;
export function traitsOf(bridge: Pick<Bridge, 'mode'> | undefined): BridgeModeTraits | undefined {
  return bridge === undefined ? undefined : TRAITS[bridge.mode];
}

/** Names of the bridges whose mode is so. */
export function bridgesThat(
  bridges: readonly Bridge[],
  isSo: (traits: BridgeModeTraits) => boolean,
): ReadonlySet<string> {
  return new Set(bridges.flatMap((bridge) => (isSo(traitsOf(bridge)) ? [bridge.name] : [])));
}

/** The modes for which this is so, as people list them: `linux or ovs`. */
export function modesThat(isSo: (traits: BridgeModeTraits) => boolean, conjunction: 'and' | 'or'): string {
  const modes = Object.entries(TRAITS).flatMap(([mode, traits]) => (isSo(traits) ? [mode] : []));
  const last = modes.pop() ?? '';
  return modes.length === 0 ? last : `${modes.join(', ')} ${conjunction} ${last}`;
}

/** The advice for whoever has more ends than a wire has. */
export const MORE_THAN_TWO = `use mode ${modesThat(({ isWire }) => !isWire, 'or')} to tie more than two links together`;

/** What was written of a mode. */
interface WrittenMode {
  readonly mode?: BridgeMode | 'auto' | undefined;
  readonly datapath?: string | undefined;
}

/** The mode of a bridge that may have given none. `auto` and a given datapath are Open vSwitch's, as far as the machine has it. */
export function settledMode(
  written: WrittenMode,
  fallback: BridgeMode | 'auto',
  haveOpenvswitch: boolean | null,
): BridgeMode {
  // Only Open vSwitch has a datapath to choose.
  const mode = written.mode ?? (written.datapath === undefined ? fallback : 'ovs');
  if (mode !== 'auto') return mode;
  return haveOpenvswitch === true ? 'ovs' : 'linux';
}

/** Whether a device is a bridge of the kernel's own, by the kernel's word for its kind. Open vSwitch's bridges are devices of other kinds. */
export function isLinuxBridge(device: { readonly kind: string } | undefined): boolean {
  return device?.kind === 'bridge';
}
