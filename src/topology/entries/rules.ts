/** What is wrong with a link or a tunnel as a whole, once its texts are read. */

import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { modesThat, traitsOf } from '../../kinds/bridge-modes.ts';
import { linkKind } from '../../kinds/links/link-kinds.ts';
import { type Family, isOfMachine } from '../../net/address.ts';
import type { BridgeSpec, LinkSpec } from '../topology.ts';

export interface EntryFault {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** The key that it is about. */
  readonly key: string;
  readonly hint?: string;
}

export function natFaults({ nat, addresses }: LinkSpec): readonly EntryFault[] {
  const family = familyOf(nat ?? '');
  if (nat === null || addresses.some((address) => familyOf(address) === family)) return [];
  const message = `nat needs an IPv${family} address on the link`;
  const hint = family === 4 ? 'give the link an ip' : 'give the link an ip of IPv6';
  return [{ code: 'nat-address', message, key: 'nat', hint }];
}

/** `uplinkAddress`: null where linkloom is in no container whose engine publishes ports. */
export function forwardFaults(
  spec: LinkSpec,
  bridge: BridgeSpec | undefined,
  { uplinkAddress }: { readonly uplinkAddress?: string | null | undefined },
): readonly EntryFault[] {
  if (spec.forwards.length === 0) return [];
  const key = 'forward';
  const faults: EntryFault[] = [...forwardPlaceFaults(spec, bridge)];
  if (!spec.addresses.some((address) => familyOf(address) === 4)) {
    const message = 'forward needs an IPv4 address on the link';
    faults.push({ code: 'forward-address', message, key, hint: 'give the link an ip' });
  }
  if (uplinkAddress === null) {
    const message = 'forward needs linkloom to run in a container with an eth0 of its engine, and there is none';
    const hint = "put linkloom's container on a network of the engine's that publishes the ports";
    faults.push({ code: 'forward-uplink', message, key, hint });
  }
  return faults;
}

function forwardPlaceFaults({ type }: LinkSpec, bridge: BridgeSpec | undefined): readonly EntryFault[] {
  const key = 'forward';
  if (!linkKind(type).takesForward) {
    const message = `forward has no meaning for type ${type}`;
    return [{ code: 'key-without-meaning', message, key, hint: 'ports are published over veth links' }];
  }
  if (bridge?.isExternal) {
    const message = `forward has no meaning on bridge ${bridge.name}, which is external`;
    return [{ code: 'forward-bridge', message, key, hint: 'who publishes ports is on a bridge that linkloom makes' }];
  }
  if (bridge === undefined || traitsOf(bridge).takesForward) return [];
  const modes = modesThat(({ takesForward }) => takesForward, 'or');
  const message = `forward needs a bridge of mode ${modes}, and ${bridge.name} is ${bridge.mode}`;
  return [{ code: 'forward-bridge', message, key }];
}

/** `name`: of the bridge that the tunnel joins. */
export function tunnelFaults(name: string, bridge: BridgeSpec | undefined, remote: string): readonly EntryFault[] {
  const faults: EntryFault[] = [];
  if (!isOfMachine(remote)) {
    const message = `remote ${remote} is not the address of a machine`;
    const hint = 'a tunnel here has one other end, reached by a route: no multicast, link-local or unspecified address';
    faults.push({ code: 'tunnel-remote', message, key: 'remote', hint });
  }
  if (bridge?.isExternal) {
    const hint = 'only links join a bridge that is there already; let linkloom make the one of the tunnel';
    faults.push({ code: 'tunnel-bridge', message: `bridge ${name} is external`, key: 'bridge', hint });
  } else if (traitsOf(bridge)?.carriesTunnels === false) {
    const message = `bridge ${name} is ${bridge?.mode}, one device between two nodes`;
    const hint = `tunnels join ${modesThat(({ carriesTunnels }) => carriesTunnels, 'and')} bridges`;
    faults.push({ code: 'tunnel-bridge', message, key: 'bridge', hint });
  }
  return faults;
}

function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}
