/** zebra puts routes into the kernel; it also makes the node forward packets. */
import { type Daemon, hostnameLine, textOf } from './daemon.ts';
import { isIPv6, type Router } from './router.ts';

/** `ownsLoopback`: zebra gives `lo` its addresses, where linkloom does not. */
export function zebra({ name, loopbacks }: Router, ownsLoopback: boolean): Daemon {
  const addresses = loopbacks.map((address) => ` ${isIPv6(address) ? 'ipv6' : 'ip'} address ${address}`);
  const lo = ownsLoopback && addresses.length > 0 ? ['interface lo', ...addresses, 'exit'] : [];
  return { name: 'zebra', config: textOf([...hostnameLine(name), 'ip forwarding', 'ipv6 forwarding', ...lo]) };
}
