import { processNs } from '../../src/net/ns-id.ts';
import type { OvsDump } from '../../src/wire/seen.ts';
import type { OvsResult, OvsTask } from '../../src/wire/task.ts';
import { isAnswer } from '../netlink/fault.ts';
import { inodeOf } from '../netns.ts';
import { OvsDatabase } from '../ovs/database.ts';
import { kernelHasDatapath } from '../ovs/datapath.ts';
import { pathsOf, pidOf } from '../ovs/process.ts';

/** Reads instances of Open vSwitch, and asks whether the kernel has its datapath. Enters no namespace. */
export function ovs(task: OvsTask): OvsResult {
  return { dumps: task.instances.map(dumpInstance), kernel: task.probeKernel ? kernelHasDatapath() : null };
}

function dumpInstance({ ns, directory }: OvsTask['instances'][number]): OvsDump {
  const paths = pathsOf(directory);
  const inode = inodeOf(ns);
  const [hasServer, hasSwitch] = (['ovsdb-server', 'ovs-vswitchd'] as const).map((daemon) => {
    const pid = pidOf(paths, daemon);
    return pid !== null && inodeOf(processNs(pid)) === inode;
  });
  const bridges = hasServer ? readBridges(directory) : null;
  return { ns, directory, running: inode !== null && hasSwitch === true && bridges !== null, bridges: bridges ?? [] };
}

/** The bridges in an instance's database; null: the server does not answer. */
function readBridges(directory: string): OvsDump['bridges'] | null {
  try {
    using database = new OvsDatabase(pathsOf(directory));
    return database.read().map(({ name, datapath, mcastSnooping, ours, error, ports }) => ({
      name,
      datapath,
      mcastSnooping,
      ours,
      error,
      ports: ports.map(({ dev, ours, error }) => ({ dev, ours, error })),
    }));
  } catch (error) {
    if (isAnswer(error)) return null;
    throw error;
  }
}
