import type { PortAttach } from '../../src/plan/op.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { Nack } from '../netlink/socket.ts';
import { attachPort, type LinkKey } from '../rtnl/link.ts';
import { batch, type JobContext, type Placed } from './context.ts';

/** Without IPv6 in the kernel a port needs no word about link-local addresses, and the kernel refuses it. Found out once per thread. */
let kernelHasIpv6 = true;

/**
 * Puts ports into their bridges, marks them, and raises them if the op says so (down otherwise: a `group.up` raises all
 * under one hold of the lock). A port that is refused is deleted, and with it the end in the node.
 */
export function attachPorts(context: JobContext, ops: readonly Placed<PortAttach>[]): void {
  let refused = attach(context, ops);
  if (kernelHasIpv6 && refused.some(({ nack }) => nack.errno === ERRNO.EAFNOSUPPORT)) {
    kernelHasIpv6 = false;
    refused = attach(
      context,
      refused.map(({ port }) => port),
    );
  }
  for (const { port, nack } of refused) {
    const { at, op } = port;
    const isGone = nack.errno === ERRNO.ENODEV;
    context.fail(
      at,
      'RTM_NEWLINK',
      `${op.dev} into ${op.masterName}`,
      nack,
      isGone ? '' : context.undo(keyOf(op), op.dev),
    );
  }
}

function attach(
  context: JobContext,
  ports: readonly Placed<PortAttach>[],
): { readonly port: Placed<PortAttach>; readonly nack: Nack }[] {
  const known = ports.flatMap((port) => {
    const master = masterOf(context, port);
    return master === null ? [] : [{ port, master }];
  });
  batch.reset();
  for (const { port, master } of known) {
    const { alias, mtuBytes, raise } = port.op;
    attachPort(batch, keyOf(port.op), { master, alias, mtuBytes, raise, noLinkLocal: kernelHasIpv6 });
  }
  return context.space.socket.transact(batch).flatMap((nack) => {
    const port = known[nack.index]?.port;
    return port ? [{ port, nack }] : [];
  });
}

/** The bridge's index: the one this job gave it, the one that was planned, or (0) by name. */
function masterOf(context: JobContext, { at, op }: Placed<PortAttach>): number | null {
  const made = context.bridgeIndexes.get(op.masterName) ?? op.master;
  return (
    made ||
    context.attempt(at, () => {
      const ifindex = context.indexOf(op.masterName);
      context.bridgeIndexes.set(op.masterName, ifindex);
      return ifindex;
    })
  );
}

function keyOf(op: PortAttach): LinkKey {
  return op.ifindex === 0 ? { ifname: op.dev } : { ifindex: op.ifindex };
}
