/** Explains why a node's namespace can't be entered: which container it is, and what linkloom lacks. */

import { readFileSync, statSync } from 'node:fs';
import { LinkloomError } from '../errors.ts';
import { HOST_NS, type NsId, nsPath, pidOf } from '../net/ns-id.ts';
import { spokenPlaces } from '../topology/places.ts';
import type { Node, Refusal } from '../topology/topology.ts';
import type { OpFailure } from '../wire/failure.ts';
import { describe } from './failure.ts';
import { capabilityNames, effectiveOf } from './machine/privilege.ts';

/**
 * What decides whether linkloom may inspect another process (ptrace(2), PTRACE_MODE_READ_FSCREDS): its user ids, group ids and
 * permitted capabilities.
 */
interface Credentials {
  readonly uids: string;
  readonly gids: string;
  readonly permitted: bigint;
}

/**
 * Throws E_PRIVILEGE where linkloom's container, which is on networks of its engine, takes its own namespace for the host's:
 * without `pid: host` process 1 is the container's own.
 */
export function assertHostSeen(): void {
  if (statSync(nsPath(HOST_NS)).ino !== statSync('/proc/self/ns/net').ino) return;
  throw new LinkloomError('E_PRIVILEGE', "the host's namespace can't be reached from linkloom's container", {
    hint: 'run the container with `pid: host`; nothing has been touched',
  });
}

/**
 * The reason for which the links of a node are refused, from the failure to enter its namespace. `node` is null for the namespace
 * of a parent device.
 */
export function unreachable(failure: OpFailure, ns: NsId, node: Node | null): Refusal {
  const name = spokenPlaces(node === null ? [] : [node])(ns);
  const { code, message, hint } = describe(failure, null, ns, () => name);
  const isDenied = failure.errnoName === 'EACCES' || failure.errnoName === 'EPERM';
  const pid = pidOf(ns);
  const reason = isDenied && pid !== null ? reasonOf(failure, pid) : null;
  const why = reason === null ? message : `${reason.why} (${failure.call} ${failure.errnoName})`;
  return {
    code: code === 'E_PRIVILEGE' ? code : 'E_KERNEL',
    message: `${name} can't be entered: ${why}`,
    hint: reason?.hint ?? hint ?? null,
  };
}

function reasonOf({ call }: OpFailure, pid: number): { readonly why: string; readonly hint: string } | null {
  if (call === 'setns') {
    const why = 'linkloom lacks CAP_SYS_ADMIN, here or in the user namespace of its process';
    return { why, hint: "add SYS_ADMIN to linkloom's cap_add, or run as root" };
  }
  const theirs = credentialsOf(pid);
  if (theirs === null) return null;
  const ours = effectiveOf(readFileSync('/proc/self/status', 'utf8'));
  const lacking = capabilityNames(theirs.permitted & ~ours);
  const strangers = [
    ...(theirs.uids === '0' ? [] : [`runs as the user ${theirs.uids}`]),
    ...(theirs.uids === '0' && theirs.gids !== '0' ? [`runs as the group ${theirs.gids}`] : []),
    ...(lacking.length === 0 ? [] : [`has ${lacking.join(' and ')}, which linkloom lacks`]),
  ];
  const why =
    strangers.length === 0
      ? 'the kernel does not let linkloom look at its process, and linkloom lacks CAP_SYS_PTRACE'
      : `its process ${strangers.join(' and ')}, and linkloom lacks CAP_SYS_PTRACE`;
  const instead = theirs.uids === '0' && lacking.length > 0 ? ` (or ${lacking.join(' and ')})` : '';
  return { why, hint: `add SYS_PTRACE${instead} to linkloom's cap_add` };
}

/** The credentials of a process; null if it has ended or /proc hides it. */
function credentialsOf(pid: number): Credentials | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      uids: idsIn(/^Uid:\s*(\d+)\s+(\d+)\s+(\d+)/m, status),
      gids: idsIn(/^Gid:\s*(\d+)\s+(\d+)\s+(\d+)/m, status),
      permitted: BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`),
    };
  } catch {
    return null;
  }
}

/** The real, effective and saved ids, each once: `0`, or `0, 1000` if they differ. */
function idsIn(pattern: RegExp, status: string): string {
  return [...new Set(pattern.exec(status)?.slice(1) ?? [])].join(', ');
}
