/**
 * `restart`: stops and starts containers, and makes their links again before it returns. Of namespaces it restarts the programs. Other
 * nodes keep their links, except the far ends of direct wires: these are removed together with the old namespace, and made again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nameContainers } from '../../engine/container-names.ts';
import { LabLock } from '../../engine/lock/lab-lock.ts';
import { LinkloomError } from '../../errors.ts';
import type { Failure, Summary } from '../../events.ts';
import { Limiter } from '../../runtime/nodes/limiter.ts';
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import { programsOf, restartPrograms } from '../../supervisor/client.ts';
import { commandLine } from '../../verb-names.ts';
import { freshNodes, freshWithoutLinks, startCommands } from '../commands/nodes.ts';
import { CommandRuns } from '../commands/runs.ts';
import { withCommands } from '../commands/wait.ts';
import { writeHosts } from '../nodes/hosts.ts';
import { hasNodeName } from '../nodes/names.ts';
import { watchPrograms } from '../nodes/programs.ts';
import { pass, type Scope, WHOLE_LAB } from '../pass.ts';
import { reconcile } from '../pipeline.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { Tally } from '../tally.ts';
import type { HandOver } from '../verbs/hand-over.ts';
import { type Choice, chosenFrom } from './choose.ts';
import type { FoundNode } from './find.ts';
import { nodesOfTopology } from './of-lab.ts';
import { linksNow, missingOf } from './until/links.ts';

/** How many containers are restarted at a time. More do not make an engine faster (runtime/nodes/bring.ts). */
const AT_ONCE = 4;
/** The longest time for the links once the containers run again. The kernel removes old namespaces in the background. */
const LINKS_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

export interface RestartRequest extends Choice {
  /** How long a container may take to end by itself before it is killed. */
  readonly graceS: number;
}

export interface Restarted {
  readonly lab: string;
  /** The restarted nodes, as NODE. */
  readonly nodes: readonly string[];
  /** The result for their links; null: a daemon made them. */
  readonly summary: Summary | null;
  readonly failures: readonly Failure[];
}

type ContainerNode = Extract<FoundNode, { kind: 'container' }>;
type Containers = readonly ContainerNode[];

/**
 * Throws what `Session.open` and `pass` throw, E_NODE_MISSING for a node that does not exist and E_NODE_FAILED for a namespace without
 * programs (both before anything is touched), and E_TIMEOUT if a daemon does not make the links in time.
 */
export async function restartNodes(
  request: Request,
  wanted: RestartRequest,
  io: Io,
  handOver?: HandOver<Restarted, Session>,
): Promise<Restarted> {
  await using session = await Session.open(request, io.emit);
  const chosen = await chosenIn(session, wanted);
  using lock = await lockOrDaemon(session, session.topology.lab);
  const byDaemon = lock.isTaken ? ((await handOver?.(session)) ?? null) : null;
  if (byDaemon !== null) return byDaemon;
  // A pass over some nodes needs an earlier pass over the whole lab. This one changes nothing.
  if (!lock.isTaken) await pass(session, WHOLE_LAB, () => {});
  if (io.signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  return await restartChosen(session, chosen, { wanted, isFollowed: lock.isTaken, io });
}

/** The same in the session of a daemon, which makes the links. It may make passes meanwhile. Throws as `restartNodes`. */
export async function restartFollowed(session: Session, wanted: RestartRequest, io: Io): Promise<Restarted> {
  return await restartChosen(session, await chosenIn(session, wanted), { wanted, isFollowed: true, io });
}

/** Throws E_NODE_MISSING and E_NODE_FAILED. */
async function chosenIn(session: Session, wanted: RestartRequest): Promise<readonly FoundNode[]> {
  const { topology, engines, filter } = session;
  const chosen = chosenFrom(await nodesOfTopology(topology, engines, filter), wanted);
  if (wanted.all) return chosen;
  const programs = new Set(programsOf(topology.lab).map(({ spec }) => spec.node));
  for (const { kind, label } of chosen) if (kind === 'netns' && !programs.has(label)) throw hasNoPrograms(label);
  return chosen;
}

interface Restarting {
  readonly wanted: RestartRequest;
  /** Whether a daemon makes the links. */
  readonly isFollowed: boolean;
  readonly io: Io;
}

async function restartChosen(
  session: Session,
  chosen: readonly FoundNode[],
  { wanted, isFollowed, io }: Restarting,
): Promise<Restarted> {
  const { lab } = session.topology;
  const containers = chosen.filter((node): node is ContainerNode => node.kind === 'container');
  const namespaces = chosen.filter((node) => node.kind === 'netns').map(({ label }) => label);
  const programs = new Set(programsOf(lab).map(({ spec }) => spec.node));
  // A container can't start if the file that is mounted as its /etc/hosts is missing.
  if (containers.some(({ container }) => container.entry?.lab === lab)) writeHosts(session, io.emit);
  const failures = [...(await again(session, containers, wanted.graceS, io))];
  const restarted = namespaces.filter((node) => programs.has(node));
  for (const node of restarted) await restartPrograms(lab, node);
  if (restarted.length > 0) {
    for (const { failure } of await watchPrograms(lab, io.signal, new Set(restarted))) {
      io.emit({ type: 'failure', failure });
      failures.push(failure);
    }
  }
  const nodes = chosen.map(({ label }) => label);
  if (containers.length === 0) return { lab, nodes, summary: null, failures };
  if (isFollowed) {
    await untilLinked(session, containers, io);
    return { lab, nodes, summary: null, failures };
  }
  const summary = await link(session, containers, io);
  return { lab, nodes, summary, failures: [...failures, ...summary.failures] };
}

function hasNoPrograms(node: string): LinkloomError {
  return new LinkloomError('E_NODE_FAILED', 'it is a namespace without `run:` programs: there is nothing to restart', {
    where: node,
    hint: `${commandLine('up', '--rerun-commands')} runs the commands of all nodes again`,
  });
}

interface Lock extends Disposable {
  /** Whether another linkloom has the lock. Then that is a daemon, which makes the links of containers that start. */
  readonly isTaken: boolean;
}

async function lockOrDaemon(session: Session, lab: string): Promise<Lock> {
  try {
    const lock = await LabLock.take(session.workers, lab);
    return { isTaken: false, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code !== 'E_LOCKED') throw error;
    return { isTaken: true, [Symbol.dispose]: () => {} };
  }
}

/** Restarts containers. One that fails is reported, and the others are restarted all the same. */
async function again(
  { workers }: Session,
  containers: Containers,
  graceS: number,
  { emit, signal }: Io,
): Promise<readonly Failure[]> {
  const limiter = new Limiter(AT_ONCE);
  const failures = await Promise.all(
    containers.map(({ label, engine, container }) =>
      limiter.run(async (): Promise<readonly Failure[]> => {
        if (signal?.aborted) return [];
        try {
          const pid = await (await openNodeRuntime(engine)).restart(container.id, graceS);
          await nameAnew(workers, container, pid, emit);
          emit({ type: 'detail', message: `${label} runs again` });
          return [];
        } catch (error) {
          if (!(error instanceof LinkloomError)) throw error;
          const { code, message, hint } = error;
          const failure = { subject: { kind: 'node' as const, name: label }, code, message, ...(hint && { hint }) };
          emit({ type: 'failure', failure });
          return [failure];
        }
      }),
    ),
  );
  return failures.flat();
}

/** Points the container's name in /run/netns to its new process. Only a container of `nodes:` has such a name. */
async function nameAnew(
  workers: Session['workers'],
  container: ContainerNode['container'],
  pid: number,
  emit: Io['emit'],
): Promise<void> {
  if (container.entry === undefined || !hasNodeName(container)) return;
  await nameContainers(workers, container.entry.lab, [{ name: container.name, pid }], emit);
}

/**
 * Makes the links of the restarted containers, and the far ends of their wires. Right after a restart, the kernel may still show the old
 * far end of a wire, which is about to go with the old namespace. So passes are made until one finds nothing to do.
 */
async function link(session: Session, containers: Containers, io: Io): Promise<Summary> {
  const { lab } = session.topology;
  await using runs = await CommandRuns.open({ emit: io.emit, lab, tell: 'failure' });
  const tally = new Tally(session);
  const deadlineMs = performance.now() + LINKS_TIMEOUT_MS;
  for (;;) {
    const scope = await scopeOf(session, containers);
    const reconciled = await reconcile(session, scope, io);
    tally.add(reconciled);
    const { network, plan, execution, containers: running } = reconciled;
    const fresh = [...freshNodes(network, plan, execution), ...freshWithoutLinks(network, runs)];
    if (!io.signal?.aborted) startCommands(session, fresh, running, runs, false);
    tally.assertWhole();
    const isSettled = plan.ops.length === 0 && !plan.links.some(({ verdict }) => verdict === 'waits');
    if (isSettled || execution.failures.length > 0 || performance.now() > deadlineMs) break;
    await delay(POLL_MS);
  }
  io.emit({ type: 'summary', verb: 'up', summary: tally.summary });
  return await withCommands(tally.summary, runs, io);
}

/** The scope of a pass over these nodes. A container that does not run again counts as ended. */
async function scopeOf(session: Session, nodes: Containers): Promise<Scope> {
  const containers = await session.containers();
  const running = new Set(containers.map(({ id }) => id));
  const ended = nodes.filter(({ container }) => !running.has(container.id)).map(({ container }) => container);
  const ids = new Set(nodes.map(({ container }) => container.id));
  return { nodes: { containers: ids, netns: new Set<string>() }, containers, ended };
}

/** Waits until the daemon has made the links. It learns of the restart from the engine. */
async function untilLinked(session: Session, nodes: Containers, io: Io): Promise<void> {
  const deadlineMs = performance.now() + LINKS_TIMEOUT_MS;
  io.emit({ type: 'daemonAwaited' });
  for (;;) {
    const containers = new Map((await session.containers()).map((one) => [one.id, one]));
    const now = nodes.flatMap((node) => {
      const container = containers.get(node.container.id);
      return container === undefined ? [] : [{ ...node, container }];
    });
    const missing = missingOf(await linksNow(session, () => {}), now, false);
    if (missing.length === 0 && now.length === nodes.length) return;
    if (performance.now() > deadlineMs || io.signal?.aborted) {
      throw new LinkloomError('E_TIMEOUT', `the links are not made: ${missing.slice(0, 10).join('; ')}`);
    }
    await delay(POLL_MS);
  }
}
