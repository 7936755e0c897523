import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Allows IPv6 on one device of ours, in a node that has it off. The link-local address that the kernel then makes is usable at
 * once. Throws SystemFault: EROFS where /proc/sys is read-only.
 */
export function enableIpv6(space: Namespace, dev: string): void {
  space.enter(() => {
    write(`${IPV6}/${dev}/accept_dad`, '0', false);
    write(`${IPV6}/${dev}/disable_ipv6`, '0', false);
  });
}

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

/** Whether the namespace that the thread is in passes IPv4 packets on, or can be told to. */
export function forwardingHere(): 'on' | 'off' | 'locked' {
  try {
    if (readFileSync(IP_FORWARD, 'utf8').trim() === '1') return 'on';
    accessSync(IP_FORWARD, constants.W_OK);
    return 'off';
  } catch {
    return 'locked';
  }
}

/** Has a namespace pass IPv4 packets on. Throws SystemFault: EROFS where /proc/sys is read-only. */
export function enableForwarding(space: Namespace): void {
  space.enter(() => {
    if (forwardingHere() !== 'on') write(IP_FORWARD, '1', false);
  });
}

function write(path: string, value: string, mayBeMissing: boolean): void {
  try {
    faulting('write', path, () => writeFileSync(path, value));
  } catch (error) {
    if (!mayBeMissing || !(error instanceof SystemFault) || error.errno !== ERRNO.ENOENT) throw error;
  }
}
