import type { NetnsAdd, NetnsDel } from '../../src/plan/op.ts';
import type { NsId } from '../../src/topology/topology.ts';
import { nameNetns, removeNamed } from '../named-netns.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { changeLink, UNCHANGED } from '../rtnl/link.ts';
import { disableIpv6Here } from '../sysctl.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/** In every namespace, from its first moment on (net/core/dev.c). */
const LOOPBACK_INDEX = 1;

/** Makes the job's namespace, marks it on its `lo`, and prepares it for its role. False: it failed and is not there. */
export function addNetns(context: JobContext, { at, op }: Placed<NetnsAdd>): boolean {
  const made = context.attempt(at, () => {
    try {
      const space = context.spaces.create(op.ns);
      nameNetns(space.fd, { name: nameOf(op.ns), lab: op.lab }, () => {
        if (op.role === 'switch') disableIpv6Here();
        space.openSocketHere();
        prepareLoopback(space.socket, op);
      });
    } catch (error) {
      context.spaces.release(op.ns);
      throw error;
    }
    return true;
  });
  return made === true;
}

/** Takes the name of the job's namespace away, if the lab made it. */
export function removeNetns(context: JobContext, { at, op }: Placed<NetnsDel>): void {
  context.spaces.release(op.ns);
  context.attempt(at, () => removeNamed({ name: nameOf(op.ns), lab: op.lab }));
}

/** `lo` keeps group 0: with it in a group of ours, deleting by group would fail whole. */
function prepareLoopback(socket: NetlinkSocket, op: NetnsAdd): void {
  batch.reset();
  const up = op.role === 'node' ? true : null;
  changeLink(batch, { ifindex: LOOPBACK_INDEX }, { ...UNCHANGED, alias: op.alias, up });
  const [nack] = socket.transact(batch);
  if (nack) throw new SystemFault('RTM_NEWLINK', 'lo', nack.errno, nack.message);
}

function nameOf(ns: NsId): string {
  return ns.slice('netns/'.length);
}
