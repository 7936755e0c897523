import type { TunnelAdd, TunnelFlood } from '../../../src/wire/ops/switch.ts';
import type { Namespace } from '../../namespaces.ts';
import { ERRNO } from '../../netlink/errors.ts';
import { sendEach, sendOne } from '../../netlink/send-each.ts';
import { deleteLink } from '../../rtnl/link.ts';
import { addFlood, deleteFlood } from '../../rtnl/tunnels/fdb.ts';
import { createTunnel, moveTunnel, sourceTo } from '../../rtnl/tunnels/tunnel.ts';
import { tunnelData } from '../../rtnl/tunnels/tunnel-data.ts';
import type { JobContext, Placed } from '../context.ts';
import { afterRefusal, sendableIndex } from '../taken.ts';

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

/** Adds and removes remote ends of vxlans, all in one batch. One that is gone already is no failure. */
export function floodTunnels(context: JobContext, ops: readonly Placed<TunnelFlood>[]): void {
  const changes = ops.flatMap((placed) => {
    const ifindex = context.resolve(placed.at, placed.op);
    if (ifindex === null) return [];
    const change = (call: 'RTM_NEWNEIGH' | 'RTM_DELNEIGH') => (remote: string) => ({
      ...placed,
      ifindex,
      call,
      remote,
    });
    return [...placed.op.del.map(change('RTM_DELNEIGH')), ...placed.op.add.map(change('RTM_NEWNEIGH'))];
  });
  const refusals = sendEach(context.space.socket, changes, (batch, { call, ifindex, remote }) => {
    if (call === 'RTM_NEWNEIGH') addFlood(batch, ifindex, remote);
    else deleteFlood(batch, ifindex, remote);
  });
  for (const { item, nack } of refusals) {
    const { at, op, call, remote } = item;
    if (call === 'RTM_DELNEIGH' && nack.errno === ERRNO.ENOENT) continue;
    context.fail(at, call, `${op.dev} to ${remote}`, nack);
  }
}
