import { isPairedDevice } from '../../src/kinds/links/link-kinds.ts';
import { isOurGroup } from '../../src/net/mark.ts';
import { netnsNameOf } from '../../src/net/ns-id.ts';
import { goesWith, leftAlias, tenancyOf } from '../../src/net/tenants.ts';
import type { NetnsAdd, NetnsDel } from '../../src/wire/ops/links.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { failure } from '../failure.ts';
import { nameNetns, removeNamed } from '../named-netns.ts';
import { Namespace, type Namespaces } from '../namespaces.ts';
import { LOOPBACK_INDEX } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { isAnswer, SystemFault } from '../netlink/fault.ts';
import { sendOne } from '../netlink/send-each.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { inodeOf } from '../netns.ts';
import type { NetnsLock } from '../netns-lock.ts';
import { originOf } from '../origins.ts';
import { dumpLinks, lookUpElsewhere } from '../rtnl/dump.ts';
import { changeLink, UNCHANGED } from '../rtnl/link.ts';
import { disableIpv6Here } from '../sysctl.ts';
import { Dismantling } from '../waiting/dismantling.ts';
import type { JobContext, Placed } from './context.ts';

/**
 * Makes the job's namespace, marks it on its `lo`, and prepares it for its role. If another lab has made a node's namespace
 * meanwhile, that one is used as it is. False: the op failed, and there is no namespace.
 */
export function addNetns(context: JobContext, { at, op }: Placed<NetnsAdd>): boolean {
  const { spaces } = context;
  const made = context.attempt(at, () => {
    try {
      const space = spaces.create(op.ns);
      nameNetns(space.fd, { name: netnsNameOf(op.ns), lab: op.lab }, spaces.lock, () => {
        if (op.role === 'switch') disableIpv6Here();
        space.openSocketHere();
        prepareLoopback(space.socket, op);
      });
    } catch (error) {
      spaces.release(op.ns);
      if (op.role === 'switch' || !isTaken(error) || inodeOf(op.ns) === null) throw error;
      void spaces.get(op.ns).socket;
    }
    return true;
  });
  return made === true;
}

function isTaken(error: unknown): boolean {
  return error instanceof SystemFault && error.call === 'open' && error.errno === ERRNO.EEXIST;
}

/** How long the kernel may take for a group of namespaces. */
const DISMANTLING_TIMEOUT_MS = 10_000;

/** What the task under way has released. */
let released = new Dismantling();

/** Removes the name of the job's namespace, unless another lab uses it. */
export function removeNetns(context: JobContext, { at, op }: Placed<NetnsDel>): void {
  const { spaces } = context;
  spaces.release(op.ns);
  context.attempt(at, () => {
    if (released.isFull) awaitKernel(spaces.lock, () => released.next(DISMANTLING_TIMEOUT_MS));
    const { lab, devices } = inodeOf(op.ns) === null ? { lab: op.lab, devices: 0 } : devicesToRemove(context, at, op);
    if (lab === null) return;
    removeNamed({ name: netnsNameOf(op.ns), lab });
    released.given(devices);
  });
}

/** Waits at the end of a task for the groups of namespaces that it has released. Throws only HomeLost. */
export function endRemovals({ lock }: Namespaces): void {
  using last = released;
  released = new Dismantling();
  if (last.isBegun) awaitKernel(lock, () => last.end(DISMANTLING_TIMEOUT_MS));
}

/** Others can make namespaces meanwhile. Throws only HomeLost. */
function awaitKernel(lock: NetnsLock, wait: () => void): void {
  lock.yield();
  try {
    wait();
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
  lock.takeAlone();
}

/** How many devices go with the namespace, and whose it is; `lab` null: its name stays. */
function devicesToRemove(
  context: JobContext,
  at: number,
  op: NetnsDel,
): { readonly lab: string | null; readonly devices: number } {
  using space = Namespace.open(op.ns);
  const found = dumpLinks(space.socket, false);
  // The kernel removes the other end of a veth along.
  const devices = found.length + found.filter((link) => isPairedDevice(link) && link.peerNsid >= 0).length;
  return { lab: op.role === 'node' ? makerToRemove(context, at, op, space, found) : op.lab, devices };
}

/**
 * The lab that made the namespace, if its name is to be removed; null: the name stays. This looks again and does not rely on
 * the plan, since other labs may have begun or ceased to use the namespace.
 */
function makerToRemove(
  context: JobContext,
  at: number,
  { ns, lab, shared }: NetnsDel,
  space: Namespace,
  found: readonly LinkDump[],
): string | null {
  const devices = shared ? found.map((link) => withFarMark(space.socket, link)) : found;
  const tenancy = tenancyOf(lab, originOf(netnsNameOf(ns), space.identity), devices);
  // If nobody is known to have made the namespace, `removeNetns` names this lab and refuses.
  if (tenancy.maker === null || goesWith(lab, tenancy)) return tenancy.maker ?? lab;
  const lo = devices.find(({ ifindex }) => ifindex === LOOPBACK_INDEX);
  if (tenancy.othersAreIn && tenancy.isIn)
    context.failures.push(failure(at, 'stat', ns, 0, { code: 'E_NODE_CHANGED' }));
  else if (tenancy.othersAreIn && tenancy.maker === lab && lo) changeLoopback(space.socket, leftAlias(lo.alias), null);
  return null;
}

/** The link with the mark of its peer. A veth's end in a node has no mark, and two labs can have the same group number. */
function withFarMark(socket: NetlinkSocket, link: LinkDump): LinkDump {
  if (!isPairedDevice(link) || link.alias !== '' || !isOurGroup(link.group)) return link;
  return { ...link, alias: lookUpElsewhere(socket, link.peerIndex, link.peerNsid)?.alias ?? '' };
}

/** Raises and marks `lo`. It stays in group 0: the kernel refuses to delete a group that holds `lo`. */
function prepareLoopback(socket: NetlinkSocket, op: NetnsAdd): void {
  changeLoopback(socket, op.alias, op.role === 'node' ? true : null);
}

function changeLoopback(socket: NetlinkSocket, alias: string, up: boolean | null): void {
  const nack = sendOne(socket, (batch) => changeLink(batch, { ifindex: LOOPBACK_INDEX }, { ...UNCHANGED, alias, up }));
  if (nack) throw new SystemFault('RTM_NEWLINK', 'lo', nack.errno, nack.message);
}
