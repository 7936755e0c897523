import type { OpFailure } from '../../src/wire/failure.ts';
import type { OvsBridge, OvsDel, OvsPort } from '../../src/wire/ops/switch.ts';
import { failure, failureOf } from '../failure.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendEach } from '../netlink/send-each.ts';
import { OvsDatabase } from '../ovs/database.ts';
import { type OvsPaths, pathsOf } from '../ovs/process.ts';
import type { BridgeState } from '../ovs/transaction.ts';
import { changeLink, UNCHANGED } from '../rtnl/link.ts';
import type { JobContext, Placed } from './context.ts';
import { changePorts, type PortSettings, undoPort } from './port.ts';

/** Marks devices, takes them out of Linux bridges, and adds those that were not refused to the job's transaction. */
export function addOvsPorts(context: JobContext, ops: readonly Placed<OvsPort>[]): void {
  const settings = ops.map(({ at, op }): PortSettings => ({ at, ...op, master: op.release ? 'none' : null }));
  const refused = new Set<number>();
  for (const { item: port, nack } of changePorts(context, settings)) {
    refused.add(port.at);
    context.fail(port.at, 'RTM_NEWLINK', port.dev, nack, undoPort(context, port, nack));
  }
  context.ovs.ports.push(...ops.filter(({ at }) => !refused.has(at)));
}

/** A job's changes to one instance. */
interface InstanceChanges {
  readonly bridges: readonly Placed<OvsBridge>[];
  readonly ports: readonly Placed<OvsPort>[];
  readonly deletions: readonly Placed<OvsDel>[];
}

/**
 * Makes the job's changes to Open vSwitch, of each instance in one transaction, then marks and raises the device of each
 * bridge. A namespace has two instances where the host's own and the lab's are in it.
 */
export function applyOvs(context: JobContext): void {
  const { bridges, ports, deletions } = context.ovs;
  for (const directory of new Set([...bridges, ...ports, ...deletions].map(({ op }) => op.directory))) {
    const isIts = (placed: Placed<{ readonly directory: string }>): boolean => placed.op.directory === directory;
    applyTo(context, pathsOf(directory), {
      bridges: bridges.filter(isIts),
      ports: ports.filter(isIts),
      deletions: deletions.filter(isIts),
    });
  }
}

function applyTo(context: JobContext, paths: OvsPaths, changes: InstanceChanges): void {
  const { bridges, ports, deletions } = changes;
  const { broken } = context.ovs;
  if (broken !== null && !paths.isSystem) return takePortsBack(context, ports, broken);
  try {
    using database = new OvsDatabase(paths);
    database.apply({
      bridges: bridges.map(({ op }) => op),
      ports: ports.map(({ op }) => op),
      deletions: deletions.map(({ op }) => op),
    });
    if (bridges.length + ports.length > 0) withdraw(context, database, refusedBy(context, changes, database.read()));
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    failAll(context, changes, error);
    if (paths.isSystem) forgetPorts(paths, ports);
  }
}

/** Takes rows out of the host's database that its ovs-vswitchd has not taken up, as far as the server lets it. */
function forgetPorts(paths: OvsPaths, ports: readonly Placed<OvsPort>[]): void {
  try {
    using database = new OvsDatabase(paths);
    database.forget(ports.map(({ op }) => op.dev));
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
  }
}

type RefusedRows = Pick<InstanceChanges, 'bridges' | 'ports'>;

/** Records failures for the rows that Open vSwitch could not use and for the devices that could not be marked, and returns those rows. */
function refusedBy(context: JobContext, changes: InstanceChanges, states: readonly BridgeState[]): RefusedRows {
  const bridgeErrors = new Map(states.map(({ name, error }) => [name, error]));
  const portErrors = new Map(states.flatMap(({ ports }) => ports.map(({ dev, error }) => [dev, error] as const)));
  const made = changes.bridges.filter(({ op }) => (bridgeErrors.get(op.dev) ?? null) === null);
  const unmarked = markBridges(context, made);
  const bridges = changes.bridges.filter(({ at, op }) => {
    const error = bridgeErrors.get(op.dev) ?? null;
    if (error !== null) context.failures.push(refusal(at, op.dev, error));
    return error !== null || unmarked.has(at);
  });
  const lost = new Set(bridges.map(({ op }) => op.dev));
  const ports = changes.ports.filter(({ at, op }) => {
    const error = lost.has(op.bridge) ? `bridge ${op.bridge} could not be made` : (portErrors.get(op.dev) ?? null);
    if (error !== null) context.failures.push(refusal(at, `${op.dev} into ${op.bridge}`, error));
    return error !== null;
  });
  return { bridges, ports };
}

function markBridges(context: JobContext, bridges: readonly Placed<OvsBridge>[]): ReadonlySet<number> {
  const refused = sendEach(context.space.socket, bridges, (batch, { op: { group, alias, dev } }) =>
    changeLink(batch, { ifname: dev }, { ...UNCHANGED, group, alias, up: true }),
  );
  for (const { item, nack } of refused) context.fail(item.at, 'RTM_NEWLINK', item.op.dev, nack);
  return new Set(refused.map(({ item }) => item.at));
}

/** Undoes what was refused: deletes the rows, and the devices of the ports together with their peers in the nodes. */
function withdraw(context: JobContext, database: OvsDatabase, { bridges, ports }: RefusedRows): void {
  if (bridges.length === 0 && ports.length === 0) return;
  const deletions = [
    ...bridges.map(({ op }) => ({ what: 'bridge' as const, dev: op.dev })),
    ...ports.map(({ op }) => ({ what: 'port' as const, dev: op.dev })),
  ];
  database.apply({ bridges: [], ports: [], deletions });
  for (const { op } of ports) undoPort(context, op, { errno: 0 });
}

function refusal(at: number, subject: string, error: string): OpFailure {
  return failure(at, 'ovs-vswitchd', subject, 0, { extAck: error, code: 'E_TOOL' });
}

/** Records failures for all changes of the transaction. Without a server there are no rows to delete. */
function failAll(context: JobContext, { bridges, ports, deletions }: InstanceChanges, error: SystemFault): void {
  const why: OpFailure = { ...failureOf(0, error), code: 'E_TOOL' };
  for (const { at } of bridges) context.failures.push({ ...why, op: at });
  if (error.call !== 'connect') for (const { at } of deletions) context.failures.push({ ...why, op: at });
  takePortsBack(context, ports, why);
}

/** Deletes the links of all ports again, because their switch is missing. */
function takePortsBack(context: JobContext, ports: readonly Placed<OvsPort>[], why: OpFailure): void {
  for (const { at, op } of ports) {
    const leftBehind = undoPort(context, op, { errno: 0 });
    context.failures.push({ ...why, op: at, leftBehind });
  }
}
