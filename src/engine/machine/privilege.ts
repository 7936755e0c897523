/** Checks that this process has the privileges for what it will ask of the kernel. */

import { readFileSync } from 'node:fs';
import { LinkloomError } from '../../errors.ts';
import { verb } from '../../verb-names.ts';

/** Bits of CapEff (linux/capability.h). */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n } as const;

/** The capabilities that linkloom needs and this process lacks. `status` is the text of /proc/self/status. */
function missingCapabilities(status: string): readonly string[] {
  const effective = effectiveOf(status);
  return Object.entries(CAPABILITIES).flatMap(([name, bit]) => ((effective >> bit) & 1n ? [] : [name]));
}

/**
 * Whether this process can hear changes in other namespaces: it needs CAP_NET_BROADCAST (bit 11). `status` is the text of
 * /proc/self/status, which is read if it is not given.
 */
export function mayListen(status: string = readFileSync('/proc/self/status', 'utf8')): boolean {
  return ((effectiveOf(status) >> 11n) & 1n) === 1n;
}

/** The names of capabilities; the index is the bit (linux/capability.h; capabilities(7)). */
const CAPABILITY_NAMES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE',
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN',
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE',
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE',
].flatMap((line) => line.split(' '));

/** The capabilities in a mask, such as `CAP_SYS_TIME`; `CAP_41` for a bit that has no name here. */
export function capabilityNames(mask: bigint): readonly string[] {
  const names: string[] = [];
  for (let bit = 0; mask >> BigInt(bit) !== 0n; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(`CAP_${CAPABILITY_NAMES[bit] ?? bit}`);
  }
  return names;
}

/** Those of some capabilities that this process lacks, by their names. */
export function lackedCapabilities(
  names: readonly string[],
  status: string = readFileSync('/proc/self/status', 'utf8'),
): readonly string[] {
  const held = new Set(capabilityNames(effectiveOf(status)));
  return names.filter((name) => !held.has(name));
}

/** The effective capabilities in the text of `/proc/PID/status`. */
export function effectiveOf(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

/** Throws E_PRIVILEGE if this process lacks a capability that is needed to see links, and to make them. */
export function assertPrivilege(): void {
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'));
  if (missing.length === 0) return;
  throw new LinkloomError(
    'E_PRIVILEGE',
    `${missing.join(' and ')} missing: linkloom needs this to look into network namespaces, and to make and change links there`,
    {
      hint: `run as root (sudo), or in a container with \`cap_add: [NET_ADMIN, SYS_ADMIN]\`; ${verb('validate')}, ${verb('config')} and ${verb('plan', '--offline')} need no privilege`,
    },
  );
}
