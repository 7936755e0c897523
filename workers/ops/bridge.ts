import type { BridgeAdd, BridgeRaise } from '../../src/wire/ops/switch.ts';
import { sendEach } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { changeLink, createBridge, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';
import { afterRefusal } from './taken.ts';

interface Bridge {
  readonly at: number;
  readonly op: BridgeAdd | BridgeRaise;
  readonly ifindex: number;
}

/** Creates bridges, down, and marks those that the kernel acknowledged. A bridge that can't be marked is deleted again. */
export function addBridges(context: JobContext, ops: readonly Placed<BridgeAdd>[]): void {
  const refusals = sendEach(context.space.socket, ops, (batch, { op }) => createBridge(batch, op, op.ifindex));
  const nacks = new Map(refusals.map(({ item, nack }) => [item, nack]));
  const made = ops.flatMap((placed): Bridge[] => {
    const { at, op } = placed;
    const nack = nacks.get(placed);
    const ifindex = nack
      ? afterRefusal(context, { at, ...op, peer: null, from: context.space }, nack, (batch, other) =>
          createBridge(batch, op, other),
        )
      : (op.ifindex ?? context.attempt(at, () => context.indexOf(op.dev)));
    return ifindex === null ? [] : [{ at, op, ifindex }];
  });
  for (const { op, ifindex } of made) context.bridgeIndexes.set(op.dev, ifindex);
  const refused = mark(context, made, ({ at, op, ifindex }, nack) => {
    context.bridgeIndexes.delete(op.dev);
    context.fail(at, 'RTM_NEWLINK', `${op.dev}: alias`, nack, context.undo({ ifindex }, op.dev));
  });
  for (const { at, op, ifindex } of made) {
    if (op.op === 'bridge.add' && op.raise && !refused.has(at))
      context.toRaise.push({ at, op: { dev: op.dev, ifindex } });
  }
}

/** Marks bridges that exist, and has them raised at the end of the job. */
export function raiseBridges(context: JobContext, ops: readonly Placed<BridgeRaise>[]): void {
  const bridges = ops.map(({ at, op }): Bridge => ({ at, op, ifindex: op.ifindex }));
  const refused = mark(context, bridges, ({ at, op }, nack) => context.fail(at, 'RTM_NEWLINK', op.dev, nack));
  for (const { at, op, ifindex } of bridges) {
    if (!refused.has(at)) context.toRaise.push({ at, op: { dev: op.dev, ifindex } });
  }
}

/**
 * Raises the bridges for which the job's ops asked, after all their ports. So nothing is forwarded while the ports come up one
 * by one, and the kernel does not send every port the multicast joins of the others.
 */
export function raiseAtEnd(context: JobContext): void {
  if (context.toRaise.length === 0) return;
  const refused = sendEach(context.space.socket, context.toRaise, (batch, { op: { ifindex } }) =>
    changeLink(batch, { ifindex }, { ...UNCHANGED, up: true }),
  );
  for (const { item, nack } of refused) context.fail(item.at, 'RTM_NEWLINK', `${item.op.dev}: up`, nack);
}

/** Sets the aliases, which RTM_NEWLINK ignores when it creates a device. Returns the indexes of the ops that were refused. */
function mark(
  context: JobContext,
  bridges: readonly Bridge[],
  onRefusal: (bridge: Bridge, nack: Nack) => void,
): ReadonlySet<number> {
  const refused = sendEach(context.space.socket, bridges, (batch, { op, ifindex }) =>
    changeLink(batch, { ifindex }, { ...UNCHANGED, alias: op.alias }),
  );
  for (const { item, nack } of refused) onRefusal(item, nack);
  return new Set(refused.map(({ item }) => item.at));
}
