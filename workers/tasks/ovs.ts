import { type NsId, processNs } from '../../src/net/ns-id.ts';
import type { OvsDump, OvsFault } from '../../src/wire/seen.ts';
import type { OvsInstance, OvsResult, OvsTask } from '../../src/wire/task.ts';
import { isAnswer } from '../netlink/fault.ts';
import { inodeOf } from '../netns.ts';
import { OvsDatabase } from '../ovs/database.ts';
import { kernelHasDatapath } from '../ovs/datapath.ts';
import { type Daemon, type OvsPaths, pathsOf, pidOf } from '../ovs/process.ts';

/** Reads instances of Open vSwitch, and asks whether the kernel has its datapath. Enters no namespace. */
export function ovs(task: OvsTask): OvsResult {
  return { dumps: task.instances.map(dumpInstance), kernel: task.probeKernel ? kernelHasDatapath() : null };
}

function dumpInstance({ ns, directory, lab, isSystem }: OvsInstance): OvsDump {
  const paths = pathsOf(directory);
  // The host's server may serve from anywhere: that it answers is enough.
  const mayAsk = isSystem || faultOf(paths, 'ovsdb-server', ns) === null;
  const bridges = mayAsk ? readBridges(paths, lab) : null;
  const fault = bridges === null ? 'no-server' : faultOf(paths, 'ovs-vswitchd', ns);
  return { ...(isSystem && { isSystem }), ns, directory, fault, bridges: bridges ?? [] };
}

/** Whether a daemon runs, in the namespace. */
function faultOf(paths: OvsPaths, daemon: Daemon, ns: NsId): OvsFault | null {
  const pid = pidOf(paths, daemon);
  if (pid === 'unknown') return null;
  if (pid === null) return daemon === 'ovsdb-server' ? 'no-server' : 'no-switch';
  const inode = inodeOf(ns);
  return inode !== null && inodeOf(processNs(pid)) === inode ? null : 'elsewhere';
}

/** The bridges in an instance's database; null: the server does not answer. */
function readBridges(paths: OvsPaths, lab: string): OvsDump['bridges'] | null {
  try {
    using database = new OvsDatabase(paths);
    return database.read().map(({ name, datapath, mcastSnooping, owner, error, ports }) => ({
      name,
      datapath,
      mcastSnooping,
      ours: owner === lab,
      error,
      ports: ports.map(({ dev, owner, error }) => ({ dev, ours: owner === lab, error })),
    }));
  } catch (error) {
    if (isAnswer(error)) return null;
    throw error;
  }
}
