/**
 * `tasks/` are the tasks that only look, and the one that waits: one file each, a task in, its result out.
 */
import type { DumpResult, DumpTask, DumpWants, NsDump } from '../../src/engine/protocol.ts';
import type { NsId } from '../../src/topology/topology.ts';
import { failureOf } from '../failure.ts';
import { Namespace } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { HomeLost, openNamespace } from '../netns.ts';
import { dumpAddresses, dumpLinks, dumpRoutes } from '../rtnl/dump.ts';

/** Dumps namespaces, in the order asked for. One that can't be read has its `failure`; throws only HomeLost. */
export function dump(task: DumpTask): DumpResult {
  return { dumps: task.namespaces.map((ns) => dumpNamespace(ns, task.wants)) };
}

/** One namespace; inode 0 if there is none. Throws only HomeLost. */
export function dumpNamespace(ns: NsId, wants: DumpWants): NsDump {
  try {
    using space = new Namespace(ns, openNamespace(ns));
    const { socket } = space;
    return {
      ns,
      inode: space.inode,
      failure: null,
      links: dumpLinks(socket, wants.counters),
      addresses: wants.addresses ? dumpAddresses(socket) : [],
      routes: wants.routes ? dumpRoutes(socket) : [],
    };
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    const failure = isMissing(error) ? null : failureOf(-1, error);
    return { ns, inode: 0, failure, links: [], addresses: [], routes: [] };
  }
}

/** No such name, or nothing mounted there; no such process, or one that is just ending. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof SystemFault)) return false;
  return error.call === 'open' && (error.errno === ERRNO.ENOENT || error.errno === ERRNO.ESRCH);
}
