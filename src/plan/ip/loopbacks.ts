/** Addresses of `lo` in the nodes of `nodes:`. The kernel makes `lo`, so only these addresses on it are linkloom's. */
import { PROTOCOL } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { contains } from '../../net/offset.ts';
import type { Loopbacks } from '../../topology/topology.ts';
import type { Context } from '../context.ts';
import { NO_SETTINGS } from '../links/settings.ts';

/** The kernel's index of `lo` in every namespace (include/net/flow.h: LOOPBACK_IFINDEX). */
const LOOPBACK_IFINDEX = 1;

/** Plans the addresses that a node's `lo` lacks, and the removal of linkloom's addresses that it is no longer to have. */
export function planLoopbacks(context: Context): void {
  for (const node of context.network.nodes) {
    const { ns, loopbacks } = node;
    if (loopbacks !== undefined && !context.observed.unreachable.has(ns)) planLo(context, ns, loopbacks);
  }
}

function planLo(context: Context, ns: NsId, loopbacks: Loopbacks): void {
  const there = context.observed.namespaces.get(ns)?.addressesOf(LOOPBACK_IFINDEX) ?? [];
  const known = new Set(there.map(({ address }) => address));
  const missing = loopbacks.addresses.filter((address) => !known.has(address));
  const unwanted = there
    .filter(({ address, protocol }) =>
      context.observed.addressProtocol
        ? protocol === PROTOCOL
        : loopbacks.pools.some((pool) => contains(pool, address.slice(0, address.indexOf('/')))),
    )
    .map(({ address }) => address)
    .filter((address) => !loopbacks.addresses.includes(address));
  const common = { ns, link: null, dev: 'lo', ifindex: LOOPBACK_IFINDEX };
  if (unwanted.length > 0) {
    const cause = 'address of lo not in the configuration';
    context.draft.ops.push({ op: 'ip.del', ...common, cause, routes: [], addresses: unwanted, otherAddresses: [] });
  }
  if (missing.length > 0) {
    const nothing = { settings: NO_SETTINGS, addRoutes: [], data: null };
    const cause = 'address of lo missing';
    context.draft.ops.push({ op: 'link.set', ...common, ...nothing, cause, addAddresses: missing });
  }
}
