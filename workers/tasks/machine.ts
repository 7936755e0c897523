import type { Feature, MachineResult, MachineTask } from '../../src/wire/machine.ts';
import { bridgeMs, pairMs } from '../machine/calibration.ts';
import { filtersVlans, isDevice, missingDevices } from '../machine/device-features.ts';
import { firewallHere } from '../machine/firewall.ts';
import { isTraffic, missingTraffic } from '../machine/traffic-features.ts';
import { hasTrunk } from '../machine/trunk-feature.ts';
import { underlayOf } from '../machine/underlay.ts';
import { translator } from '../nat/translator.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { enterNew } from '../netns.ts';
import { kernelHasDatapath } from '../ovs/datapath.ts';

/** Finds out what this machine can do. Throws SystemFault if it can't ask the kernel at all. */
export function machine({ features, remotes, firewall, calibrationPairs }: MachineTask): MachineResult {
  using socket = new NetlinkSocket();
  return {
    missing: missingOf(socket, features),
    underlays: remotes.flatMap((remote) => underlayOf(socket, remote) ?? []),
    firewall: firewall ? firewallHere() : [],
    pairMs: calibrationPairs === 0 ? null : pairMs(calibrationPairs),
    bridgeMs: calibrationPairs === 0 ? null : bridgeMs(),
  };
}

/** Features that were found. The kernel does not lose a feature, so later tasks need not ask again. */
const present = new Set<Feature>();

function missingOf(socket: NetlinkSocket, features: readonly Feature[]): readonly Feature[] {
  const unknown = features.filter((feature) => !present.has(feature));
  const missing = new Set<Feature>(missingDevices(socket, unknown.filter(isDevice)));
  for (const feature of missingInside(unknown)) missing.add(feature);
  if (unknown.includes('nftables') && translator()?.name !== 'nftables') missing.add('nftables');
  if (unknown.includes('openvswitch') && !kernelHasDatapath()) missing.add('openvswitch');
  for (const feature of unknown) if (!missing.has(feature)) present.add(feature);
  return [...missing];
}

/** The missing ones of features that can only be tested by making something, which is done in a temporary namespace. */
function missingInside(features: readonly Feature[]): readonly Feature[] {
  const traffic = features.filter(isTraffic);
  const wantsVlans = features.includes('vlan-filtering');
  const wantsTrunk = features.includes('trunk');
  if (traffic.length === 0 && !wantsVlans && !wantsTrunk) return [];
  return enterNew('probe', () => {
    using socket = new NetlinkSocket();
    const missing: Feature[] = [...missingTraffic(socket, traffic)];
    if (wantsVlans && !filtersVlans(socket)) missing.push('vlan-filtering');
    if (wantsTrunk && !hasTrunk(socket)) missing.push('trunk');
    return missing;
  });
}
