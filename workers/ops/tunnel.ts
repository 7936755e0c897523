import type { TunnelAdd } from '../../src/wire/ops/switch.ts';
import type { Namespace } from '../namespaces.ts';
import { sendOne } from '../netlink/send-each.ts';
import { deleteLink } from '../rtnl/link.ts';
import { createTunnel, moveTunnel, sourceTo } from '../rtnl/tunnel.ts';
import { tunnelData } from '../rtnl/tunnel-data.ts';
import type { JobContext, Placed } from './context.ts';
import { afterRefusal, sendableIndex } from './taken.ts';

/** Creates tunnels, down. The op that makes them ports marks and raises them. Each is sent by itself, since a lab has few. */
export function addTunnels(context: JobContext, ops: readonly Placed<TunnelAdd>[]): void {
  for (const { at, op } of ops) context.attempt(at, () => addTunnel(context, { at, op }));
}

function addTunnel(context: JobContext, { at, op }: Placed<TunnelAdd>): void {
  const here = context.space;
  const underlay = context.spaces.get(op.underlay);
  const isHere = underlay.inode === here.inode;
  const from = isHere ? here : underlay;
  const { isMoved, needsLocal } = tunnelData(op.kind);
  const moves = isMoved && !isHere;
  const outside = {
    targetFd: isHere || moves ? null : here.fd,
    local: needsLocal ? sourceTo(from.socket, op.remote) : null,
    isNameless: moves,
  };
  const ifindex = sendableIndex(context, op.ifindex, from);
  const nack = sendOne(from.socket, (batch) => createTunnel(batch, op, ifindex, outside));
  const refused = { at, dev: op.dev, ifindex, group: op.group, peer: null, from };
  const made = nack
    ? afterRefusal(context, refused, nack, (batch, other) => createTunnel(batch, op, other, outside))
    : ifindex;
  if (moves && made !== null) move(context, { at, op }, made, from);
}

/** Moves a tunnel into the job's namespace. If that fails, deletes it again. */
function move(context: JobContext, { at, op }: Placed<TunnelAdd>, ifindex: number, from: Namespace): void {
  const nack = sendOne(from.socket, (batch) => moveTunnel(batch, ifindex, context.space.fd, op.dev));
  if (!nack) return;
  const isLeft = sendOne(from.socket, (batch) => deleteLink(batch, { ifindex })) !== null;
  const left = isLeft ? `a device of index ${ifindex} in ${op.underlay}` : null;
  context.fail(at, 'RTM_NEWLINK', op.dev, nack, left);
}
