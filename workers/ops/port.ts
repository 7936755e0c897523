import { type DeviceRef, isMade } from '../../src/wire/device-ref.ts';
import type { PortAttach } from '../../src/wire/ops/switch.ts';
import { ERRNO } from '../netlink/errors.ts';
import { type Refused, sendEach } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { attachPort, type LinkKey, type PortChange } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';

/** Whether the kernel has IPv6. Without it the kernel refuses the setting about link-local addresses. Found out once per thread. */
let kernelHasIpv6 = true;

/** What is set on a device that is or becomes a port. */
export interface PortSettings extends PortChange {
  readonly at: number;
  readonly dev: string;
  readonly ifindex: DeviceRef;
}

/**
 * Puts ports into their bridges and marks them. Raises them if the op says so; otherwise a later `group.set` raises them all
 * while the kernel holds its lock once. A port that is refused is deleted, and with it its peer in the node.
 */
export function attachPorts(context: JobContext, ops: readonly Placed<PortAttach>[]): void {
  const ports: PortSettings[] = [];
  for (const placed of ops) {
    const { at, op } = placed;
    const { dev, ifindex, alias, mtuBytes, raise } = op;
    const master = masterOf(context, placed);
    if (master !== null) ports.push({ at, dev, ifindex, master, alias, mtuBytes, raise });
  }
  for (const { item: port, nack } of changePorts(context, ports)) {
    const left = undoPort(context, port, nack);
    const bridge = ops.find(({ at }) => at === port.at)?.op.master?.dev ?? null;
    context.fail(port.at, 'RTM_NEWLINK', bridge === null ? port.dev : `${port.dev} into ${bridge}`, nack, left);
  }
}

/** Sends the settings of all ports together, and returns those that were refused. */
export function changePorts(context: JobContext, ports: readonly PortSettings[]): Refused<PortSettings>[] {
  const refused = send(context, ports);
  if (!kernelHasIpv6 || refused.every(({ nack }) => nack.errno !== ERRNO.EAFNOSUPPORT)) return refused;
  kernelHasIpv6 = false;
  return send(
    context,
    refused.map(({ item }) => item),
  );
}

/** Deletes a port that was refused, and with it its peer in the node. Returns null, or a text on what is left behind. */
export function undoPort(
  context: JobContext,
  port: Pick<PortSettings, 'dev' | 'ifindex'>,
  nack: Pick<Nack, 'errno'>,
): string | null {
  return nack.errno === ERRNO.ENODEV ? null : context.undo(keyOf(port), port.dev);
}

function send(context: JobContext, ports: readonly PortSettings[]): Refused<PortSettings>[] {
  return sendEach(context.space.socket, ports, (batch, port) => attachPort(batch, keyOf(port), port, kernelHasIpv6));
}

/**
 * The bridge's index: the one that this job gave it, else the planned one, else the one found by name. `none`: the port
 * leaves its bridge. Null: the bridge does not exist; the op's failure is recorded.
 */
function masterOf(context: JobContext, { at, op }: Placed<PortAttach>): number | 'none' | null {
  const { master } = op;
  if (master === null) return 'none';
  const known = context.bridgeIndexes.get(master.dev) ?? context.resolve(at, master);
  if (known !== null && isMade(master.ifindex)) context.bridgeIndexes.set(master.dev, known);
  return known;
}

function keyOf(port: Pick<PortSettings, 'dev' | 'ifindex'>): LinkKey {
  return isMade(port.ifindex) ? { ifname: port.dev } : { ifindex: port.ifindex };
}
