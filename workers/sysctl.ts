import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Has all devices to come, in the namespace that the thread is in, use their link-local addresses at once. A router asks for
 * neighbours from them, so that it forwards no IPv6 packet while the kernel still looks for duplicates (ndisc_send_ns): 1 to 2 s.
 * Where /proc/sys is read-only, the kernel looks.
 */
export function skipDadHere(): void {
  tryWrite(`${IPV6}/default/accept_dad`, '0');
}

/** Does the same for devices of ours in a namespace of others. */
export function skipDad(space: Namespace, devs: readonly string[]): void {
  space.enter(() => {
    if (!existsSync(`${IPV6}/default`) || read(`${IPV6}/default/accept_dad`) === '0') return;
    for (const dev of devs) tryWrite(`${IPV6}/${dev}/accept_dad`, '0');
  });
}

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

/** Whether the namespace that the thread is in passes IPv4 packets on, or can be told to. */
export function forwardingHere(): 'on' | 'off' | 'locked' {
  try {
    if (read(IP_FORWARD) === '1') return 'on';
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

function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

function tryWrite(path: string, value: string): void {
  try {
    writeFileSync(path, value);
  } catch {
    // A kernel without IPv6, or a read-only /proc/sys.
  }
}

function write(path: string, value: string, mayBeMissing: boolean): void {
  try {
    faulting('write', path, () => writeFileSync(path, value));
  } catch (error) {
    if (!mayBeMissing || !(error instanceof SystemFault) || error.errno !== ERRNO.ENOENT) throw error;
  }
}
