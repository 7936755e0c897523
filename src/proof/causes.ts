/** Why frames do not pass, as far as the state of the devices shows it. */
import { traitsOf } from '../kinds/bridge-modes.ts';
import { type NsId, netnsNameOf } from '../net/ns-id.ts';
import type { Observed } from '../plan/observed.ts';
import type { BridgeSpec } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import type { LinkDump } from '../wire/seen.ts';
import type { Domain, End, LocalEnd } from './end.ts';
import type { MembershipOf } from './switching.ts';

/** A reason, and what to do about it. */
export interface Cause {
  readonly text: string;
  readonly hint: string;
}

/** What the state of the devices was read from, once probes were missing. */
export interface Evidence {
  readonly observed: Observed;
  readonly membershipOf: MembershipOf;
  readonly bridges: ReadonlyMap<string, BridgeSpec>;
}

const AGAIN = `${verb('up')} puts it right`;

/** A device with a smaller MTU than is wanted there. */
export interface Narrow {
  readonly what: string;
  readonly mtuBytes: number;
}

/** Answers why frames do not pass. What is on another host was asked there. */
export interface Reasons {
  /** What is wrong with the devices of an end. null: nothing that shows. */
  readonly causeAt: (end: End) => Cause | null;
  /** The device of an end with the least MTU; null: the end has none any more. */
  readonly leastAt: (end: End) => Narrow | null;
  /** What between two hosts may keep packets of this size from passing. null: nothing. Absent: all is on one host. */
  readonly between?: (end: End, partners: readonly End[], mtuBytes: number) => Cause | null;
  /** Where to look when the state of the devices shows nothing. */
  readonly whereToLook: (end: End) => string;
}

/** `bridgeOf`: the bridge that carries an end; null: none of the configuration. */
export function reasonsOf(
  evidence: Evidence,
  ends: readonly LocalEnd[],
  bridgeOf: (end: End) => string | null,
): Reasons {
  const local = ({ number }: End): LocalEnd => ends[number] as LocalEnd;
  return {
    causeAt: (end) => causeAt(evidence, bridgeOf(end), local(end)),
    leastAt: (end) => leastAt(evidence, local(end)),
    whereToLook: (end) => whereToLook(local(end)),
  };
}

function causeAt({ observed, membershipOf, bridges }: Evidence, bridge: string | null, end: LocalEnd): Cause | null {
  const device = observed.namespaces.get(end.ns)?.byIndex.get(end.device.ifindex);
  const name = `${end.link.node.name}:${end.link.dev}`;
  if (device === undefined) return { text: `${name} is gone`, hint: `${verb('up')} makes it anew` };
  if (!device.up) return { text: `${name} is down`, hint: AGAIN };
  const port =
    end.port === null ? null : (observed.namespaces.get(end.port.ns)?.byIndex.get(end.port.link.ifindex) ?? null);
  const spec = bridges.get(bridge ?? '');
  const hasPorts = spec !== undefined && traitsOf(spec).hasPorts && end.parent === null;
  if (hasPorts) {
    if (end.port === null || port === null)
      return { text: `the port of ${name} is gone`, hint: `${verb('up')} makes it anew` };
    const found = portCause({ observed, membershipOf, bridges }, name, spec, end.port.ns, port);
    if (found !== null) return found;
  }
  if (device.operstate === 'LOWERLAYERDOWN' || device.operstate === 'DOWN') {
    return { text: `${name} has no carrier: its other end is down`, hint: AGAIN };
  }
  return null;
}

function portCause(
  { observed, membershipOf }: Evidence,
  name: string,
  spec: BridgeSpec,
  ns: NsId,
  port: LinkDump,
): Cause | null {
  const label = `the port ${port.ifname} of ${name}`;
  if (!port.up) return { text: `${label} is down`, hint: AGAIN };
  if (!traitsOf(spec).isDevice) return null;
  const found = membershipOf({ ns, link: port });
  if (found === null) return { text: `${label} is in no bridge`, hint: AGAIN };
  if (found.bridge !== spec.name)
    return { text: `${label} is in bridge ${found.bridge}, not in ${spec.name}`, hint: AGAIN };
  const bridge = observed.namespaces.get(ns)?.byName.get(spec.name);
  if (bridge !== undefined && !bridge.up && traitsOf(spec).isMaster)
    return { text: `bridge ${spec.name} is down`, hint: AGAIN };
  return null;
}

/** Another end of the domain has the same MAC address, apart from those that share their parent's. null: none has. */
export function twinCause({ ends }: Domain, end: End): Cause | null {
  if (end.address !== null) return null;
  const twin = ends.find((one) => one !== end && one.address === null && one.mac === end.mac);
  if (twin === undefined) return null;
  return {
    text: `${end.link.id} and ${twin.link.id} have the same MAC address ${end.mac}`,
    hint: 'give one of them another `mac`',
  };
}

/** The device of a way with the least MTU below what is wanted. null: none that shows. */
export function narrowest({ leastAt: of }: Reasons, ends: readonly End[], mtuBytes: number): Cause | null {
  const least = ends
    .flatMap((end) => of(end) ?? [])
    .filter((narrow) => narrow.mtuBytes < mtuBytes)
    .sort((a, b) => a.mtuBytes - b.mtuBytes)[0];
  return least === undefined ? null : { text: `${least.what} has MTU ${least.mtuBytes}`, hint: AGAIN };
}

/** An end's device, or its port if that has the smaller MTU. */
function leastAt({ observed }: Evidence, { ns, device, link, port }: LocalEnd): Narrow | null {
  const own = observed.namespaces.get(ns)?.byIndex.get(device.ifindex);
  const other = port === null ? undefined : observed.namespaces.get(port.ns)?.byIndex.get(port.link.ifindex);
  if (other !== undefined && other.mtuBytes < (own?.mtuBytes ?? Number.POSITIVE_INFINITY))
    return { what: `the port ${port?.link.ifname} of ${link.id}`, mtuBytes: other.mtuBytes };
  return own === undefined ? null : { what: link.id, mtuBytes: own.mtuBytes };
}

function whereToLook({ ns, port, link }: LocalEnd): string {
  const place = port === null ? { ns, dev: link.dev } : { ns: port.ns, dev: port.link.ifname };
  const name = netnsNameOf(place.ns);
  const inside = name === null ? '' : `ip netns exec ${name} `;
  return `look for what drops or redirects: \`${inside}tc filter show dev ${place.dev} ingress\`, \`${inside}nft list ruleset\``;
}
