/**
 * `tasks/`: each file is one task, from the task's message to its result. Most tasks only read. `settle` waits, `lock` and
 * `names` change files.
 */

import { isPairedDevice } from '../../src/kinds/links/link-kinds.ts';
import { groupOf, isOurGroup, ROLE, sameLab } from '../../src/net/mark.ts';
import { isNamed, type NsId, netnsNameOf, OWN_NS } from '../../src/net/ns-id.ts';
import { goesWith, tenancyOf } from '../../src/net/tenants.ts';
import type { FarEnd, LinkDump, NsDump, TranslationDump } from '../../src/wire/seen.ts';
import type { DumpResult, DumpTask, DumpWants } from '../../src/wire/task.ts';
import { withTrunks } from '../bpf/trunk-maps.ts';
import { failureOf } from '../failure.ts';
import { Namespace } from '../namespaces.ts';
import { readTranslations } from '../nat/translator.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { HomeLost } from '../netns.ts';
import { readOffload } from '../ops/offload.ts';
import { originOf } from '../origins.ts';
import { dumpAddresses, dumpLinks, dumpRoutes, lookUpElsewhere } from '../rtnl/dump.ts';
import { dumpOthers } from '../rtnl/others.ts';
import { withTraffic, withVnis } from '../rtnl/traffic-dump.ts';

/** Dumps namespaces in the order of the task. A namespace that can't be read has a `failure`. Throws only HomeLost. */
export function dump(task: DumpTask): DumpResult {
  return { dumps: task.namespaces.map((ns) => dumpNamespace(ns, task.wants)) };
}

/** Dumps one namespace. Throws only HomeLost. */
export function dumpNamespace(ns: NsId, wants: DumpWants): NsDump {
  try {
    using space = Namespace.open(ns);
    const { socket } = space;
    const links = withVnis(socket, dumpLinks(socket, wants.counters));
    const seen = wants.traffic ? withTrunks(socket, withTraffic(socket, links)) : links;
    const madeBy = isNamed(ns) ? originOf(netnsNameOf(ns), space.identity) : null;
    return {
      ns,
      inode: space.inode,
      madeBy,
      failure: null,
      links: wants.offloads.length === 0 ? seen : seen.map((link) => withOffloads(space, link, wants.offloads)),
      addresses: wants.addresses ? dumpAddresses(socket) : [],
      routes: wants.routes || isLeft(wants.routesOf ?? null, madeBy, links) ? dumpRoutes(socket) : [],
      translations: translationsIn(space, links, wants.translationsOf),
      ...(wants.others && { others: dumpOthers(socket) }),
      ...(wants.farEnds && { farEnds: farEndsOf(socket, links, wants.farEnds[ns] ?? []) }),
    };
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    const failure = isMissing(error) ? null : failureOf(null, error);
    return { ns, inode: null, madeBy: null, failure, links: [], addresses: [], routes: [], translations: [] };
  }
}

/** Whether the namespace stays when the lab is removed. Then settings that do not belong to a device have to be removed one by one. */
function isLeft(lab: string | null, madeBy: string | null, links: readonly LinkDump[]): boolean {
  if (lab === null) return false;
  const tenancy = tenancyOf(lab, madeBy, links);
  return tenancy.isIn && !goesWith(lab, tenancy);
}

/** The peers of veths, in any namespace. A peer in a namespace that the kernel is dismantling counts as gone. */
function farEndsOf(
  socket: NetlinkSocket,
  links: readonly LinkDump[],
  wanted: readonly number[],
): ReadonlyMap<number, FarEnd | null> {
  return new Map(
    links
      .filter(({ ifindex }) => wanted.includes(ifindex))
      .map(({ ifindex, peerIndex, peerNsid }) => {
        const end = lookUpElsewhere(socket, peerIndex, peerNsid);
        const isIt = end !== null && isPairedDevice(end) && end.peerIndex === ifindex;
        return [ifindex, isIt ? { ifname: end.ifname, alias: end.alias } : null];
      }),
  );
}

function withOffloads({ socket }: Namespace, link: LinkDump, names: readonly string[]): LinkDump {
  if (!isOurGroup(link.group)) return link;
  const offloads: Record<string, boolean> = {};
  for (const name of names) {
    const on = readOffload(socket, link.ifname, name);
    if (on !== null) offloads[name] = on;
  }
  return { ...link, offloads };
}

/**
 * The lab's address translations. Rules serve links, so only namespaces with a device of the lab are read, and our own, where
 * rules can outlive the last device.
 */
function translationsIn(space: Namespace, links: readonly LinkDump[], lab: string | null): readonly TranslationDump[] {
  if (lab === null) return [];
  const group = groupOf(lab, ROLE.nodeEnd);
  const isConcerned = space.ns === OWN_NS || links.some((link) => sameLab(link.group, group));
  return isConcerned ? readTranslations(space, lab) : [];
}

/**
 * Whether an error means that the namespace does not exist: there is no such name, nothing is mounted on it, or its process
 * has ended or is ending.
 */
function isMissing(error: unknown): boolean {
  if (!(error instanceof SystemFault)) return false;
  return error.call === 'open' && (error.errno === ERRNO.ENOENT || error.errno === ERRNO.ESRCH);
}
