import { dump } from '../netlink/ask.ts';
import { NLM_F_DUMP } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { type FilterDump, getIngressFilters, readFilter } from './filter.ts';

/** What happens to the packets that a device receives. */
export interface Ingress {
  /** Index of the device to which all are redirected. 0: that device is gone; null: nothing is redirected. */
  readonly redirect: number | null;
  /** The program that all are given to; null: there is none. */
  readonly program: FilterDump['program'];
}

/** Throws SystemFault. */
export function ingressOf(socket: NetlinkSocket, ifindex: number): Ingress {
  const write = (batch: MessageBatch): void => getIngressFilters(batch, ifindex, NLM_F_DUMP);
  const filters: readonly FilterDump[] = dump(socket, 'RTM_GETTFILTER', write, readFilter);
  return {
    redirect: filters.find(({ redirectsTo }) => redirectsTo !== null)?.redirectsTo ?? null,
    program: filters.find(({ program }) => program !== null)?.program ?? null,
  };
}
