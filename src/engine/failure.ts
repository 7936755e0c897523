/** Turns a worker's failure into what people read: the link, the operation, the errno, the kernel's own words, and advice. */

import type { ErrorCode } from '../errors.ts';
import type { Failure } from '../events.ts';
import { type NsId, netnsNameOf } from '../net/ns-id.ts';
import { type Subject, servedSubject } from '../subject.ts';
import { inWords, type PlaceName, spokenPlaces } from '../topology/places.ts';
import { verb } from '../verb-names.ts';
import type { OpFailure } from '../wire/failure.ts';
import type { Op } from '../wire/op.ts';

/** Advice, found by `CALL ERRNO`, else by the errno alone. */
const HINTS: Readonly<Record<string, string>> = {
  'RTM_NEWLINK EOPNOTSUPP': 'this kernel lacks the device type or the option: load its module on the host (`modprobe`)',
  'RTM_NEWLINK EEXIST': `something else made a device of that name meanwhile; run ${verb('up')} again`,
  'RTM_NEWLINK ENODEV': `the device vanished meanwhile, or this kernel lacks the type; run ${verb('up')} again`,
  'RTM_NEWLINK EXFULL': 'a Linux bridge takes 1,023 ports; spread the links over more bridges',
  'RTM_NEWLINK EBUSY':
    'its parent serves another purpose: it is a port of a bridge, or carries macvlan where this is ipvlan, or the reverse',
  'RTM_NEWLINK ENETDOWN': 'its parent is down: raise that first',
  'RTM_GETLINK ENODEV': `a device that it needs does not exist (any more): see to its parent, then run ${verb('up')} again`,
  'RTM_NEWROUTE ENETUNREACH': 'no address of the link has the gateway in its network: check `ip` and `route`',
  'RTM_NEWROUTE EHOSTUNREACH': 'no address of the link has the gateway in its network: check `ip` and `route`',
  'RTM_NEWROUTE ENETDOWN': 'the device is down: routes go with `state: up`',
  'RTM_NEWROUTE EEXIST': 'the node has such a route already, made by somebody else',
  'RTM_NEWADDR EACCES':
    'IPv6 is off in the node: for a container set `sysctls: net.ipv6.conf.all.disable_ipv6=0` in its compose file',
  'RTM_NEWADDR EEXIST': 'the node has that address already',
  'SIOCETHTOOL EOPNOTSUPP':
    'the device has no such feature, or one that it depends on is off: `ethtool --show-features` in the node lists them',
  'nf_tables EOPNOTSUPP':
    'address translation needs nf_tables with nft_chain_nat, nft_nat, nft_masq and nft_ct in the kernel, or iptables',
  'RTM_NEWQDISC ENOENT': 'this kernel lacks the module in brackets: load it on the host (`modprobe`)',
  'RTM_NEWTFILTER ENOENT':
    'this kernel lacks what mode patch needs: load it on the host (`modprobe`), or use mode direct',
  'setns EPERM': 'entering a namespace needs CAP_SYS_ADMIN here and in the namespace of the node',
  'open EACCES': 'the node has a capability or a user that linkloom lacks: add SYS_PTRACE to linkloom’s `cap_add`',
  'mount EACCES':
    'AppArmor’s default profile denies mount: run with `security_opt: [apparmor:unconfined]`, or keep to container nodes',
  'mount EPERM': 'mounting on /run/netns needs CAP_SYS_ADMIN',
  'open EEXIST': 'move it away, or give the node another name: linkloom replaces only an empty file there',
  'mkdir EEXIST': 'something that is no directory has this name: move it away',
  'mkdir ENOTDIR': 'something that is no directory has this name, or one above it: move it away',
  'unlink EBUSY': 'something else is mounted there too: `findmnt` shows it',
  'flock EAGAIN': 'who holds it is seen with `fuser` or `lslocks`: end that, or wait for it',
  'unshare ENOSPC': 'the limit of network namespaces is reached: see user.max_net_namespaces',
  'mount ENOSPC': 'the limit of mounts is reached: see fs.mount-max',
  ...onPaths('ENOSPC', 'the file system of that path is full: see `df` and, for the number of files, `df -i`'),
  ...onPaths('EDQUOT', 'a quota on the file system of that path is reached'),
  ...onPaths('EROFS', 'the file system of that path is read-only: mount a tmpfs or a volume there that can be written'),
  'write EROFS': '/proc/sys is read-only in containers: set it by `sysctls:` in the compose file',
  EPERM: 'linkloom needs CAP_NET_ADMIN and CAP_SYS_ADMIN: run as root, or add both to `cap_add`',
  'open ENOENT': 'the node is gone: is it still running?',
  'open ESRCH': 'the node is gone: is it still running?',
  'exec ENOENT': 'that program is not installed, or not in PATH',
  EMFILE: 'too many open files: raise `ulimit -n`',
  ENFILE: 'the machine has too many open files: raise fs.file-max',
  ENOMEM: 'the kernel had no memory for it: is the machine, or the control group that linkloom runs in, at its limit?',
};

/** Advice for every call that makes or changes a file. */
function onPaths(errnoName: string, hint: string): Readonly<Record<string, string>> {
  return Object.fromEntries(['open', 'mkdir', 'symlink', 'write'].map((call) => [`${call} ${errnoName}`, hint]));
}

function codeOf(failure: OpFailure): ErrorCode {
  if (failure.code !== null) return failure.code;
  if (failure.errnoName === 'EOPNOTSUPP') return 'E_FEATURE';
  if (failure.errnoName === 'EPERM' || failure.errnoName === 'EACCES') return 'E_PRIVILEGE';
  if (failure.op === null && failure.errnoName === 'ENOENT') return 'E_NODE_MISSING';
  return 'E_KERNEL';
}

/** For EEXIST the kernel's message (extended ack) says what exists, unless that is the name. */
function hintOf({ call, errnoName, extAck }: OpFailure, subject: Subject | null): string | undefined {
  if (subject?.kind === 'tunnel' && (errnoName === 'EEXIST' || errnoName === 'EBUSY'))
    return 'another tunnel of this machine has the VNI, maybe one of another lab: use another on both ends';
  if (errnoName === 'EEXIST' && call === 'RTM_NEWLINK' && extAck !== null)
    return 'another device has what this one asks for (a VLAN id, a VNI), maybe in another namespace';
  return errnoName === null ? undefined : (HINTS[`${call} ${errnoName}`] ?? HINTS[errnoName]);
}

/** The subject of an op: its link or tunnel if it has one, else the thing that the op changes. */
export function subjectOf(op: Op | undefined, ns: NsId, place: PlaceName = spokenPlaces([])): Subject {
  if (op?.link) return servedSubject(op.link);
  if (op?.op === 'ovs.start' || op?.op === 'ovs.stop') return { kind: 'openvswitch' };
  if (op && 'dev' in op && op.dev !== null)
    return isBridge(op) ? { kind: 'bridge', name: op.dev } : { kind: 'device', place: null, dev: op.dev };
  const name = netnsNameOf(ns);
  return name === null ? { kind: 'namespace', name: place(ns) } : { kind: 'netns', name };
}

function isBridge(op: Op): boolean {
  return op.op.startsWith('bridge') || op.op === 'ovs.bridge' || (op.op === 'ovs.del' && op.what === 'bridge');
}

/**
 * Describes a worker's failure for people and for JSON. `place` names namespaces; without it a namespace has its plain name.
 * `subject` is null if nothing of the lab failed.
 */
export function describe(
  failure: OpFailure,
  subject: Subject | null,
  ns: NsId,
  place: PlaceName = spokenPlaces([]),
): Omit<Failure, 'subject'> {
  const hint = hintOf(failure, subject);
  const leftBehind = failure.leftBehind === null ? '' : `; left behind: ${inWords(failure.leftBehind, place)}`;
  return {
    code: codeOf(failure),
    message: messageOf(failure, ns, place) + leftBehind,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** As `describe`, with the subject in the result. */
export function failureOf(failure: OpFailure, subject: Subject, ns: NsId, place?: PlaceName): Failure {
  return { subject, ...describe(failure, subject, ns, place) };
}

function messageOf(failure: OpFailure, ns: NsId, place: PlaceName): string {
  const where = place(ns);
  const subject = inWords(failure.subject, place);
  if (failure.code === 'E_NODE_CHANGED') return `${subject} is another one now than when linkloom looked at it`;
  const isSaid = subject === where || subject === '';
  const words = [isSaid ? null : subject, `${failure.call} in ${where}`, failure.errnoName, failure.extAck];
  return words.filter((word) => word !== null).join(': ');
}
