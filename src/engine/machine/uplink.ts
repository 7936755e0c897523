/** The device by which linkloom's own container is on a network of its engine. */
import { networkInterfaces } from 'node:os';
import { ENGINE_DEV, UPLINK_DEV } from '../../plan/extras/uplink.ts';

export interface Uplink {
  readonly mac: string;
  /** IPv4. */
  readonly address: string;
}

/**
 * The first device of that name in linkloom's own namespace that has an IPv4 address and one of the MACs that the engine gave.
 * On the host's own network an eth0 is the machine's: the engine knows nothing of its MAC.
 */
export function findUplink(macs: readonly string[]): Uplink | null {
  const devices = networkInterfaces();
  for (const name of [UPLINK_DEV, ENGINE_DEV]) {
    const found = devices[name]?.find(({ family, mac }) => family === 'IPv4' && macs.includes(mac));
    if (found) return { mac: found.mac, address: found.address };
  }
  return null;
}
