/** The ops that plans consist of and workers carry out. Each op names its namespace and its cause. */

import type { EthtoolSet, NatSet, UplinkRename } from './ops/extras.ts';
import type { IpAdd, IpDel, IpRestore, RouteSet } from './ops/ip.ts';
import type { LinkAdd, LinkDel, LinkSet, NetnsAdd, NetnsDel } from './ops/links.ts';
import type {
  BridgeAdd,
  BridgeRaise,
  GroupSet,
  OvsBridge,
  OvsDel,
  OvsPort,
  OvsStart,
  OvsStop,
  PortAttach,
  TrunkAdd,
  TrunkCut,
  TrunkTie,
  TunnelAdd,
  TunnelFlood,
} from './ops/switch.ts';
import type { QdiscNetem, QdiscTbf, WireCut, WirePatch } from './ops/traffic.ts';

/** One step of a plan: data that a worker carries out without asking back. `op` says which step it is. */
export type Op =
  | NetnsAdd
  | NetnsDel
  | LinkAdd
  | LinkSet
  | LinkDel
  | IpDel
  | IpAdd
  | IpRestore
  | BridgeAdd
  | BridgeRaise
  | PortAttach
  | TunnelAdd
  | TunnelFlood
  | TrunkAdd
  | TrunkTie
  | TrunkCut
  | GroupSet
  | QdiscNetem
  | QdiscTbf
  | WirePatch
  | WireCut
  | OvsStart
  | OvsStop
  | OvsBridge
  | OvsPort
  | OvsDel
  | NatSet
  | RouteSet
  | EthtoolSet
  | UplinkRename;

export type OpName = Op['op'];
