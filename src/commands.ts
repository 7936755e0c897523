/** The `commands` of a topology, in the nodes that were just linked: in parallel, output and exit status told. */
import type { Execution } from './engine/run.ts';
import type { Failure } from './events.ts';
import { linksMade, type Plan } from './plan/plan.ts';
import { argvOf, type Runner, runCommand } from './runtime/command.ts';
import { netnsRunner } from './runtime/netns-exec.ts';
import type { Io, Session } from './session.ts';
import { Scope } from './topology/scope.ts';
import type { CommandSpec, Container, Network, Node } from './topology/topology.ts';

interface Run {
  readonly node: Node;
  readonly runner: Runner;
  readonly command: CommandSpec['command'];
}

/** Nodes whose links were made in this pass and are whole, and those that have none. */
export function freshNodes(network: Network, plan: Plan, { failed, skipped }: Execution): readonly Node[] {
  const made = new Set(plan.ops.flatMap((op) => (op.op === 'netns.add' ? [op.ns] : [])));
  const makes = linksMade(plan);
  const verdicts = new Map(plan.links.map(({ link, verdict }) => [link, verdict]));
  const fresh = new Set(network.nodes);
  const linked = new Set<Node>();
  const changed = new Set<Node>();
  for (const { id, node } of network.links) {
    linked.add(node);
    const verdict = verdicts.get(id);
    if (makes.has(id)) changed.add(node);
    if (failed.has(id) || skipped.has(id) || verdict === 'blocked') fresh.delete(node);
  }
  return [...fresh].filter(
    (node) => changed.has(node) || made.has(node.ns) || (!linked.has(node) && node.kind === 'container'),
  );
}

/** Run what the topology asks for in these nodes; a command that fails or can't be run is a failure of its node. */
export async function runCommands(
  session: Session,
  nodes: readonly Node[],
  containers: readonly Container[],
  io: Io,
): Promise<readonly Failure[]> {
  if (session.topology.commands.length === 0) return [];
  const runs = nodes.flatMap((node) => runsOf(session, node, containers));
  const signal = io.signal ?? new AbortController().signal;
  const results = await Promise.all(
    runs.map(async ({ node, runner, command }): Promise<Failure | null> => {
      const target = { id: node.id ?? node.name, name: node.name };
      const status = await runCommand(runner, target, command, io.emit, signal);
      if (status === 0 || signal.aborted) return null;
      const what = status === null ? 'could not be run' : `ended with status ${status}`;
      return { link: node.name, code: 'E_TOOL', message: `command ${JSON.stringify(argvOf(command))} ${what}` };
    }),
  );
  return results.filter((failure) => failure !== null);
}

function runsOf(session: Session, node: Node, containers: readonly Container[]): readonly Run[] {
  if (node.kind === 'netns') {
    const own = session.topology.commands.filter(
      ({ selector }) => selector.kind === 'netns' && selector.name === node.name,
    );
    return own.map(({ command }) => ({ node, runner: netnsRunner, command }));
  }
  const container = containers.find(({ id }) => id === node.id);
  const runner = session.engineOf(node.id ?? '');
  if (!container || !runner) return [];
  return new Scope(session.topology, session.filter)
    .commandsOf(container)
    .map(({ command }) => ({ node, runner, command }));
}
