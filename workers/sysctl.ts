import { writeFileSync } from 'node:fs';
import type { Namespace } from './namespaces.ts';
import { ERRNO } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';

/** /proc/sys/net shows the namespace of the thread that opens it. */
const IPV6 = '/proc/sys/net/ipv6/conf';

/**
 * Switches IPv6 off in the namespace that the thread is in, for all devices to come. With it on, each device that comes
 * up walks all routes of the namespace: quadratic. A kernel without IPv6 has nothing to switch. Throws SystemFault.
 */
export function disableIpv6Here(): void {
  for (const scope of ['all', 'default']) write(`${IPV6}/${scope}/disable_ipv6`, '1', true);
}

/** Allows IPv6 on one device of ours, in a node that has it off. Throws SystemFault: EROFS where /proc/sys is read-only. */
export function enableIpv6(space: Namespace, dev: string): void {
  space.enter(() => write(`${IPV6}/${dev}/disable_ipv6`, '0', false));
}

function write(path: string, value: string, mayBeMissing: boolean): void {
  try {
    faulting('write', path, () => writeFileSync(path, value));
  } catch (error) {
    if (!mayBeMissing || !(error instanceof SystemFault) || error.errno !== ERRNO.ENOENT) throw error;
  }
}
