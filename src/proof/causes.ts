/** Why frames do not pass, as far as the state of the devices shows it. */
import { traitsOf } from '../kinds/bridge-modes.ts';
import { type NsId, netnsNameOf } from '../net/ns-id.ts';
import type { Observed } from '../plan/observed.ts';
import type { BridgeSpec } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import type { LinkDump } from '../wire/seen.ts';
import type { Domain, End } from './end.ts';
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

/** What is wrong with the devices of an end. null: nothing that shows. */
export function causeAt({ observed, membershipOf, bridges }: Evidence, domain: Domain, end: End): Cause | null {
  const device = observed.namespaces.get(end.ns)?.byIndex.get(end.device.ifindex);
  const name = `${end.link.node.name}:${end.link.dev}`;
  if (device === undefined) return { text: `${name} is gone`, hint: `${verb('up')} makes it anew` };
  if (!device.up) return { text: `${name} is down`, hint: AGAIN };
  const port =
    end.port === null ? null : (observed.namespaces.get(end.port.ns)?.byIndex.get(end.port.link.ifindex) ?? null);
  const twin = twinOf(domain, end);
  if (twin !== null)
    return {
      text: `${name} and ${twin.link.id} have the same MAC address ${device.mac}`,
      hint: 'give one of them another `mac`',
    };
  const spec = bridges.get(domain.bridge ?? '');
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

/** Another end of the domain with the same MAC address, apart from those that share their parent's. */
function twinOf({ ends }: Domain, end: End): End | null {
  if (end.address !== null) return null;
  return ends.find((one) => one !== end && one.address === null && one.device.mac === end.device.mac) ?? null;
}

/** The device of a pair's way with the least MTU below what is wanted. null: none that shows. */
export function narrowest({ observed }: Evidence, ends: readonly End[], mtuBytes: number): Cause | null {
  const least = ends
    .flatMap((end) => [
      { what: end.link.id, device: observed.namespaces.get(end.ns)?.byIndex.get(end.device.ifindex) },
      {
        what: `the port ${end.port?.link.ifname} of ${end.link.id}`,
        device:
          end.port === null ? undefined : observed.namespaces.get(end.port.ns)?.byIndex.get(end.port.link.ifindex),
      },
    ])
    .flatMap(({ what, device }) =>
      device !== undefined && device.mtuBytes < mtuBytes ? [{ what, mtu: device.mtuBytes }] : [],
    )
    .sort((a, b) => a.mtu - b.mtu)[0];
  return least === undefined ? null : { text: `${least.what} has MTU ${least.mtu}`, hint: AGAIN };
}

/** Where to look when the state of the devices shows nothing. */
export function whereToLook({ ns, port, link }: End): string {
  const place = port === null ? { ns, dev: link.dev } : { ns: port.ns, dev: port.link.ifname };
  const name = netnsNameOf(place.ns);
  const inside = name === null ? '' : `ip netns exec ${name} `;
  return `look for what drops or redirects: \`${inside}tc filter show dev ${place.dev} ingress\`, \`${inside}nft list ruleset\``;
}
