import type { CarriersResult, CarriersTask } from '../../src/wire/task.ts';
import { Namespaces } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { isAnswer, SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { readCarrier } from '../ops/offload.ts';
import { lookUp } from '../rtnl/dump.ts';

/** The devices that have no carrier. A device that is gone, alone or with its namespace, is not among them. Throws only HomeLost. */
export function carriers({ ends, asksWatcher }: CarriersTask): CarriersResult {
  const isUp = asksWatcher ? hasCarrier : isOperational;
  return { down: ends.flatMap((end) => devsDown(end, isUp).map((dev) => ({ ns: end.ns, dev }))) };
}

function devsDown(
  { ns, devs }: CarriersTask['ends'][number],
  isUp: (socket: NetlinkSocket, dev: string) => boolean,
): readonly string[] {
  try {
    using spaces = new Namespaces();
    const { socket } = spaces.get(ns);
    return devs.filter((dev) => !isUp(socket, dev));
  } catch (error) {
    if (isAnswer(error)) return [];
    throw error;
  }
}

/** Whether a device is up and has a carrier. The question also makes the kernel's link watcher handle its pending work for the device. */
function hasCarrier(socket: NetlinkSocket, dev: string): boolean {
  try {
    return readCarrier(socket, dev);
  } catch (error) {
    if (error instanceof SystemFault && error.errno === ERRNO.ENODEV) return true;
    throw error;
  }
}

/** Whether the kernel's link watcher has noticed the carrier. */
function isOperational(socket: NetlinkSocket, dev: string): boolean {
  return (lookUp(socket, { ifname: dev })?.operstate ?? 'UP') === 'UP';
}
