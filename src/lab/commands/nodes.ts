/**
 * `commands/` runs the commands of a configuration in its nodes. No pass waits for a command: commands run beside it (runs.ts), later
 * runs know them (record.ts), `up` waits for them when the links are told (wait.ts), and they end with the lab (end.ts).
 *
 * This file: which commands are to be started, and in which nodes.
 */

import type { Execution } from '../../engine/run.ts';
import type { CommandReport } from '../../events.ts';
import type { NsId } from '../../net/ns-id.ts';
import { netnsNameOf } from '../../net/ns-id.ts';
import { linksMade, type Plan } from '../../plan/plan.ts';
import { argvOf, engineRunner, type Runner } from '../../runtime/command.ts';
import { hostRunner, netnsRunner } from '../../runtime/netns-exec.ts';
import { definitionsOf, namespaceOf } from '../../topology/nodes.ts';
import type { CommandSpec, Container, Network, Node } from '../../topology/topology.ts';
import type { Session } from '../session.ts';
import { keyOf, readRecord, reportOf } from './record.ts';
import type { CommandRuns } from './runs.ts';

/** Nodes whose links were made in this pass and are whole; with `again` all that are whole. Of a container without links a pass can't tell. */
export function freshNodes(
  network: Network,
  plan: Plan,
  { failed, skipped }: Execution,
  again = false,
): readonly Node[] {
  const made = new Set<NsId>(plan.ops.flatMap((op) => (op.op === 'netns.add' ? [op.ns] : [])));
  const makes = linksMade(plan);
  const verdicts = new Map(plan.links.map(({ link, verdict }) => [link, verdict]));
  const fresh = new Set(network.nodes);
  const changed = new Set<Node>();
  for (const { id, node } of network.links) {
    const verdict = verdicts.get(id);
    if (makes.has(id)) changed.add(node);
    if (failed.has(id) || skipped.has(id) || verdict === 'blocked') fresh.delete(node);
  }
  if (again) return [...fresh];
  return [...fresh].filter((node) => changed.has(node) || made.has(node.ns));
}

/** Containers without links, in which no command was begun since they have started. */
export function freshWithoutLinks({ nodes, links }: Network, runs: CommandRuns): readonly Node[] {
  const linked = new Set(links.map(({ node }) => node));
  return nodes.filter((node) => node.kind === 'container' && !linked.has(node) && !runs.hasBegunIn(node));
}

/** Starts the commands of these nodes. */
export function startCommands(
  session: Session,
  nodes: readonly Node[],
  containers: readonly Container[],
  runs: CommandRuns,
  again: boolean,
): void {
  if (session.topology.commands.length === 0) return;
  for (const node of nodes) {
    const runner = runnerOf(session, node);
    if (runner !== null) runs.start(node, runner, commandsOf(session, node, containers), again);
  }
}

/** Starts the commands of these nodes that could not be run the last time. */
export function startMissed(
  session: Session,
  nodes: readonly Node[],
  containers: readonly Container[],
  runs: CommandRuns,
): void {
  if (session.topology.commands.length === 0) return;
  for (const node of nodes) {
    const runner = runs.hasMissed(node) ? runnerOf(session, node) : null;
    if (runner !== null) runs.startMissed(node, runner, commandsOf(session, node, containers));
  }
}

function runnerOf(session: Session, node: Node): Runner | null {
  if (node.kind === 'netns') return netnsRunner;
  if (node.kind === 'host') return hostRunner(node.ns);
  const engine = session.engineOf(node.id ?? '');
  return engine === undefined ? null : engineRunner(engine);
}

function commandsOf(session: Session, node: Node, containers: readonly Container[]): readonly CommandSpec[] {
  const { topology, wholeLab } = session;
  if (node.kind === 'netns') {
    const entries = definitionsOf(topology);
    const own = netnsNameOf(node.ns);
    return topology.commands.filter(({ selector }) => namespaceOf(selector, entries) === own);
  }
  if (node.kind === 'host') return topology.commands.filter(({ selector }) => selector.kind === 'host');
  const container = containers.find(({ id }) => id === node.id);
  return container === undefined ? [] : wholeLab.parts.commandsOf(container);
}

/** For `status`: each configured command with what is known of it, and commands that run though they are not configured any more. */
export async function commandReports(
  session: Session,
  nodes: readonly Node[],
  containers: readonly Container[],
): Promise<readonly CommandReport[]> {
  const { entries, isAttended } = await readRecord(session.topology.lab);
  const known = new Map(entries.map((entry) => [keyOf(entry), reportOf(entry, isAttended)]));
  const wanted = nodes.flatMap((node) =>
    commandsOf(session, node, containers).map(({ command }, index): CommandReport => {
      const never = notRun(node, argvOf(command));
      const key = keyOf({ ...never, index });
      const report = known.get(key) ?? never;
      known.delete(key);
      return report;
    }),
  );
  return [...wanted, ...[...known.values()].filter(({ state }) => state === 'running')];
}

/** For `status` without a configuration: each command that is recorded. */
export async function recordedReports(lab: string): Promise<readonly CommandReport[]> {
  const { entries, isAttended } = await readRecord(lab);
  return entries.map((entry) => reportOf(entry, isAttended));
}

function notRun({ kind, name }: Node, argv: readonly string[]): CommandReport {
  return {
    ...{ kind, node: name, argv, state: 'not run', pid: null, status: null, signal: null, error: null },
    ...{ startedAt: null, endedAt: null, output: [] },
  };
}
