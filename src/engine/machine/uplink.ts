/** Finds the device that connects linkloom's own container to a network of its container engine. */
import { networkInterfaces } from 'node:os';
import { ENGINE_DEV, UPLINK_DEV } from '../../plan/extras/uplink.ts';

export interface Uplink {
  readonly mac: string;
  /** IPv4. */
  readonly address: string;
}

/**
 * The first device, of the names that an engine uses, that has an IPv4 address and one of these MACs, in linkloom's own namespace.
 * The engine reported the MACs. On the host's network, eth0 belongs to the machine and has none of them. Returns null if there is
 * no such device.
 */
export function findUplink(macs: readonly string[]): Uplink | null {
  const devices = networkInterfaces();
  for (const name of [UPLINK_DEV, ENGINE_DEV]) {
    const found = devices[name]?.find(({ family, mac }) => family === 'IPv4' && macs.includes(mac));
    if (found) return { mac: found.mac, address: found.address };
  }
  return null;
}
