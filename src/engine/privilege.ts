/** Whether this process may do what the kernel will be asked, before anything is asked. */
import { readFileSync } from 'node:fs';
import { LinkloomError } from '../errors.ts';

/** Bits of CapEff (linux/capability.h). */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n } as const;

/** The capabilities of those needed that this process lacks. */
export function missingCapabilities(status: string): readonly string[] {
  const effective = effectiveOf(status);
  return Object.entries(CAPABILITIES).flatMap(([name, bit]) => ((effective >> bit) & 1n ? [] : [name]));
}

/** Whether changes in other namespaces are heard (CAP_NET_BROADCAST, bit 11). */
export function mayListen(status: string = readFileSync('/proc/self/status', 'utf8')): boolean {
  return ((effectiveOf(status) >> 11n) & 1n) === 1n;
}

function effectiveOf(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

/** Throws E_PRIVILEGE if links can't be made by this process. */
export function assertPrivilege(): void {
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'));
  if (missing.length === 0) return;
  throw new LinkloomError('E_PRIVILEGE', `${missing.join(' and ')} missing: links are made in the kernel`, {
    hint: 'run as root (sudo), or in a container with `cap_add: [NET_ADMIN, SYS_ADMIN]`; `validate`, `config` and `plan --offline` need no privilege',
  });
}
