import type { TunnelAdd } from '../../src/wire/op.ts';
import { createTunnel } from '../rtnl/tunnel.ts';
import { batch, type JobContext, type Placed } from './context.ts';
import { afterRefusal, sendableIndex } from './taken.ts';

/** Creates tunnels, down; what makes them ports marks and raises them. They are few: each has a message of its own. */
export function addTunnels(context: JobContext, ops: readonly Placed<TunnelAdd>[]): void {
  for (const { at, op } of ops) context.attempt(at, () => addTunnel(context, { at, op }));
}

function addTunnel(context: JobContext, { at, op }: Placed<TunnelAdd>): void {
  const here = context.space;
  const underlay = context.spaces.get(op.underlay);
  const isHere = underlay.inode === here.inode;
  const from = isHere ? here : underlay;
  const targetFd = isHere ? -1 : here.fd;
  const ifindex = sendableIndex(context, op.ifindex, from);
  batch.reset();
  createTunnel(batch, op, ifindex, targetFd);
  const [nack] = from.socket.transact(batch);
  if (!nack) return;
  const refused = { at, dev: op.dev, ifindex, group: op.group, peer: null, from };
  afterRefusal(context, refused, nack, (other) => createTunnel(batch, op, other, targetFd));
}
