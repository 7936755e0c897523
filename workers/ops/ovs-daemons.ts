import { processNs } from '../../src/net/ns-id.ts';
import type { OvsStart, OvsStop } from '../../src/wire/ops/switch.ts';
import { failureOf } from '../failure.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendOne } from '../netlink/send-each.ts';
import { inodeOf } from '../netns.ts';
import { OvsDatabase } from '../ovs/database.ts';
import {
  createDatabase,
  ownPidOf,
  pathsOf,
  removeDirectory,
  runProgram,
  startDaemon,
  stopDaemon,
} from '../ovs/process.ts';
import { deleteLink } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';

/** Devices that ovs-vswitchd makes for its kernel and userspace datapaths. They carry no mark. */
const KERNEL_DATAPATH = 'ovs-system';
const USER_DATAPATH = 'ovs-netdev';

/**
 * Starts the daemons of an instance that do not run, in the job's namespace. If one can't be started, the job's bridges and
 * ports fail with the same reason.
 */
export function startOvs(context: JobContext, { at, op }: Placed<OvsStart>): void {
  try {
    start(context, op);
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    context.ovs.broken = { ...failureOf(at, error), code: 'E_TOOL' };
    context.failures.push(context.ovs.broken);
  }
}

function start(context: JobContext, op: OvsStart): void {
  const paths = pathsOf(op.directory);
  // Daemons in a namespace that has lost its name are of no use.
  for (const daemon of ['ovs-vswitchd', 'ovsdb-server'] as const) {
    const pid = ownPidOf(paths, daemon);
    if (pid !== null && inodeOf(processNs(pid)) !== context.space.inode) stopDaemon(paths, daemon, []);
  }
  if (ownPidOf(paths, 'ovsdb-server') === null) {
    // ovs-vswitchd would lose the database that it works on.
    stopDaemon(paths, 'ovs-vswitchd', []);
    createDatabase(paths);
    context.space.enter(() => startDaemon(paths, 'ovsdb-server'));
    using database = new OvsDatabase(paths);
    database.initialise(op.lab);
  }
  if (ownPidOf(paths, 'ovs-vswitchd') === null) context.space.enter(() => startDaemon(paths, 'ovs-vswitchd'));
}

/** Ends an instance. Its namespace may be gone. */
export function stopOvs(context: JobContext, { at, op }: Placed<OvsStop>): void {
  const stopped = context.attempt(at, () => {
    const paths = pathsOf(op.directory);
    const wasRunning = stopDaemon(paths, 'ovs-vswitchd', op.cleanup ? ['--cleanup'] : []);
    if (!wasRunning && op.cleanup) removeDatapaths(context, op);
    stopDaemon(paths, 'ovsdb-server', []);
    removeDirectory(paths);
    return true;
  });
  const last = context.failures.at(-1);
  if (stopped === null && last) context.failures.splice(-1, 1, { ...last, code: 'E_TOOL' });
}

/** Deletes the datapaths that a killed ovs-vswitchd has left in a namespace that stays. */
function removeDatapaths(context: JobContext, op: OvsStop): void {
  if (inodeOf(op.ns) === null) return;
  if (context.find(KERNEL_DATAPATH)) {
    context.space.enter(() => runProgram(pathsOf(op.directory), 'ovs-dpctl', ['del-dp', KERNEL_DATAPATH]));
  }
  const device = context.find(USER_DATAPATH);
  if (device?.kind !== 'tun') return;
  sendOne(context.space.socket, (batch) => deleteLink(batch, { ifindex: device.ifindex }));
}
