/** Checks the names of network devices and network namespaces, as the kernel and the file system take them. */
import { NETNS_NAME } from './ns-id.ts';

/** The longest name of a device: IFNAMSIZ - 1 (linux/if.h). */
export const IFNAME_MAX_BYTES = 15;

/**
 * Names that no new device can have. `lo` exists already; `all` and `default` are directories of /proc/sys/net/…/conf (the kernel
 * says EINVAL).
 */
const RESERVED = new Set(['.', '..', 'all', 'default', 'lo']);

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

/** Why a new device can't have a name, in words that follow the name; null if it can. */
export function checkIfname(name: string): string | null {
  if (RESERVED.has(name)) return 'is a name that the kernel keeps for itself: choose another';
  // Nearly every name matches this.
  if (PLAIN.test(name)) return null;
  if (name === '') return 'is empty: a device name has 1 to 15 bytes';
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > IFNAME_MAX_BYTES) return `is ${bytes} bytes long: a device name has at most ${IFNAME_MAX_BYTES}`;
  const bad = /[/:%\s\p{Cc}]/u.exec(name)?.[0];
  if (bad !== undefined) return `contains ${JSON.stringify(bad)}: a device name has no "/", ":", "%" or white space`;
  return null;
}

/** How the names of switch namespaces begin (`linkloom-LAB`, `linkloom-LAB.1`). No node has such a name. */
export const SWITCH_PREFIX = 'linkloom-';

/** NODE of devices in the host's namespace: no other node is called so. */
export const HOST_NAME = 'host';

/** Why nothing else is called so, ready to follow that text. */
export const HOST_NAME_FAULT = 'is the host itself: choose another name, or write host: true';

/**
 * Why a network namespace can't have a name (a file in /run/netns, an argument of `ip netns`), in words that follow it; null if it
 * can.
 */
export function checkNetnsName(name: string): string | null {
  if (name === HOST_NAME) return HOST_NAME_FAULT;
  if (name.startsWith(SWITCH_PREFIX)) return `begins with ${SWITCH_PREFIX}, as the namespaces of labs' bridges do`;
  if (NETNS_NAME.test(name)) return null;
  if (name === '') return 'is empty';
  if (name.length > 201) return `is ${name.length} characters long: a network namespace name has at most 201`;
  return 'is not a network namespace name: letters, digits, "_", "." and "-", the first not "." or "-"';
}
