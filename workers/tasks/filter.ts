import type { FilterResult, FilterTask } from '../../src/wire/task.ts';
import { Namespaces } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { runProgram } from '../program.ts';

/**
 * Has tcpdump compile a filter. It opens the device (CAP_NET_RAW): so it knows that the kernel keeps VLAN tags apart from the bytes, and looks for
 * them there. Throws SystemFault where the namespace can't be entered.
 */
export function filter({ ns, dev, snaplenBytes, expression }: FilterTask): FilterResult {
  using spaces = new Namespaces();
  const space = spaces.get(ns);
  // Without `--` a filter could be an option. With -p the device does not become promiscuous.
  const words = ['-p', '-n', '-i', dev, '-s', String(snaplenBytes), '-ddd', '--', expression];
  try {
    return { program: space.enter(() => runProgram('tcpdump', words)) };
  } catch (error) {
    if (!(error instanceof SystemFault) || error.call !== 'exec') throw error;
    const why = error.errno === ERRNO.ENOENT ? 'missing' : 'refused';
    return { program: null, why, message: error.detail };
  }
}
