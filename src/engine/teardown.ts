/** Removes a lab: finds its marks everywhere, deletes what has them, waits until the kernel is done, and looks again. */
import { counted } from '../counted.ts';
import type { Emit, Failure, LinkListener } from '../events.ts';
import { groupOf, ROLE } from '../net/mark.ts';
import type { NsId } from '../net/ns-id.ts';
import { NOTHING_OBSERVED } from '../plan/observed.ts';
import {
  planOvsStops,
  planSystemRows,
  planTeardown,
  portsOutOfReach,
  remains,
  type Teardown,
} from '../plan/teardown.ts';
import { inWords, spokenPlace, spokenPlaces } from '../topology/places.ts';
import type { Node } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import type { Op } from '../wire/op.ts';
import type { NsDump } from '../wire/seen.ts';
import { execute } from './execute.ts';
import { LinkEvents } from './links/link-events.ts';
import { keepHeapTightFor } from './machine/heap.ts';
import { dumpOvs, ovsInstances } from './machine/openvswitch.ts';
import type { ExecuteOptions, Execution } from './run.ts';
import { inStage } from './stage.ts';
import type { Workers } from './workers.ts';

/** How long the kernel may take to dismantle namespaces. 10,000 links take some 2 s on two cores. */
const REMOVAL_TIMEOUT_MS = 60_000;
/**
 * The time added for each Linux bridge. The kernel waits for RCU twice per bridge, one bridge after another: some 17 ms each on an
 * idle machine (br_dev_delete, rcu_barrier).
 */
const REMOVAL_TIMEOUT_PER_BRIDGE_MS = 100;
/** The time between two messages that say that the kernel is still at work. */
const REMOVAL_REPORT_MS = 5_000;

export interface TeardownResult {
  readonly links: readonly string[];
  /** How many namespaces of nodes are gone, and how many could not be removed. */
  readonly nodes: { readonly removed: number; readonly failed: number };
  readonly failures: readonly Failure[];
  readonly observeMs: number;
  readonly applyMs: number;
}

/** Finds the containers that namespaces without a name belong to, for messages. */
export type NodesIn = (dumps: readonly NsDump[]) => Promise<readonly Node[]>;

/** Removes everything of a lab. `host` is the host's namespace. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN, and the host's pid namespace to reach its containers. */
export async function teardown(
  workers: Workers,
  lab: string,
  host: NsId,
  emit: Emit,
  heard: LinkListener | null = null,
  nodesIn: NodesIn = async () => [],
): Promise<TeardownResult> {
  const startedMs = performance.now();
  const stops = planOvsStops(lab, ovsInstances(lab));
  const failures = [...(await applyOps(workers, lab, stops, emit))];
  const stopMs = performance.now() - startedMs;
  const found = await inStage('find', emit, () => scan(workers, lab, emit));
  const first = planTeardown(lab, found);
  const system = (await dumpOvs(workers, lab, { side: 'any', host })).find(({ isSystem }) => isSystem);
  const rows = planSystemRows(lab, system, found);
  const observeMs = performance.now() - startedMs - stopMs;
  const links = heard && new LinkEvents(heard, null, null);
  links?.planned({ ops: [], links: [], removed: first.links });
  failures.push(...(await applyOps(workers, lab, rows, emit)));
  for (const port of portsOutOfReach(lab, system, found)) failures.push(unreached(port, system?.directory ?? ''));
  const known = await nodesIn(found);
  const whatGoes = counted(first.links.length, 'link');
  const taken = await inStage('remove', emit, () => takeAway(workers, lab, first, emit, known), whatGoes);
  failures.push(...taken.failures);
  let left: readonly string[] = [];
  if (stops.length + first.ops.length > 0) {
    const bridges = countBridges(lab, found);
    const dismantle = async (): ReturnType<typeof finish> => {
      await awaitRemoval(workers, bridges, emit);
      return await finish(workers, lab, emit, known);
    };
    const rest = await inStage('dismantle', emit, dismantle, `${whatGoes}, ${counted(bridges, 'bridge')}`);
    failures.push(...rest.failures);
    left = rest.left;
  }
  links?.takenAway(new Set(left), failures.at(-1));
  for (const namespace of first.shared) emit({ type: 'namespaceShared', namespace });
  return {
    links: first.links,
    nodes: taken.nodes,
    failures,
    observeMs,
    applyMs: performance.now() - startedMs - observeMs,
  };
}

/**
 * Carries out the removal. If another lab enters or leaves one of the namespaces meanwhile, or if a worker dies, it observes and
 * plans again.
 */
async function takeAway(
  workers: Workers,
  lab: string,
  first: Teardown,
  emit: Emit,
  nodes: readonly Node[],
): Promise<Pick<TeardownResult, 'nodes' | 'failures'>> {
  const failures: Failure[] = [];
  const named = new Set<NsId>();
  let plan = first;
  let hasCrashed = false;
  for (let tries = 1; ; tries++) {
    await nameProcesses(
      workers,
      plan.nodeNamespaces.filter((ns) => !named.has(ns)),
      emit,
    );
    for (const ns of plan.nodeNamespaces) named.add(ns);
    const execution = await run(workers, lab, plan.ops, {
      emit,
      signal: null,
      nodes,
      onChange: tries < MAX_TRIES ? 'leave' : 'fail',
      onCrash: hasCrashed ? 'fail' : 'leave',
    });
    failures.push(...execution.failures);
    const isLeft: boolean = execution.crashes.length > 0 && !hasCrashed;
    if (execution.changed.length === 0 && !isLeft) {
      const failed = execution.failedNodes.size;
      return { failures, nodes: { removed: Math.max(0, named.size - failed), failed } };
    }
    hasCrashed ||= isLeft;
    plan = planTeardown(lab, await scan(workers, lab, emit));
  }
}

/** The most plans that are made while other labs keep entering the same namespaces. */
const MAX_TRIES = 12;

function unreached(port: string, directory: string): Failure {
  return {
    subject: { kind: 'lab' },
    code: 'E_TOOL',
    message: `${directory}/db.sock does not answer: the host’s Open vSwitch may still have the port ${port}`,
    hint: `run ${verb('down')} again once it runs`,
  };
}

async function scan(workers: Workers, lab: string, emit: Emit): Promise<readonly NsDump[]> {
  keepHeapTightFor(workers.namedNamespaces().length);
  const { dumps, failures } = await workers.ask({
    task: 'scan',
    group: groupOf(lab, ROLE.nodeEnd),
    processes: true,
    except: [],
    translationsOf: lab,
  });
  for (const failure of failures) {
    emit({
      type: 'detail',
      message: `could not look into ${inWords(failure.subject, (ns) => spokenPlace(ns))}: ${failure.call} ${failure.errnoName ?? ''}`,
    });
  }
  return dumps;
}

async function applyOps(workers: Workers, lab: string, ops: readonly Op[], emit: Emit): Promise<readonly Failure[]> {
  return (await run(workers, lab, ops, { emit, signal: null })).failures;
}

async function run(workers: Workers, lab: string, ops: readonly Op[], options: ExecuteOptions): Promise<Execution> {
  const nothing = { links: [], removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
  return await execute({ lab, ops, ...nothing }, NOTHING_OBSERVED, workers, options);
}

function countBridges(lab: string, dumps: readonly NsDump[]): number {
  const group = groupOf(lab, ROLE.bridge);
  return dumps.reduce((sum, { links }) => sum + links.filter((link) => link.group === group).length, 0);
}

/**
 * Waits until the kernel has dismantled everything, which it does in the background. The time limit grows with the number of
 * bridges.
 */
async function awaitRemoval(workers: Workers, bridges: number, emit: Emit): Promise<void> {
  const startedMs = performance.now();
  const endMs = startedMs + REMOVAL_TIMEOUT_MS + bridges * REMOVAL_TIMEOUT_PER_BRIDGE_MS;
  for (;;) {
    const leftMs = endMs - performance.now();
    const { settled } = await workers.ask({ task: 'settle', timeoutMs: Math.min(REMOVAL_REPORT_MS, leftMs) });
    if (settled || leftMs <= REMOVAL_REPORT_MS) return;
    emit({ type: 'dismantling', bridges, elapsedMs: performance.now() - startedMs });
  }
}

/** Looks again, deletes devices that did not disappear with their namespace, and returns a failure for each that is still there. */
async function finish(
  workers: Workers,
  lab: string,
  emit: Emit,
  nodes: readonly Node[],
): Promise<{ readonly failures: readonly Failure[]; readonly left: readonly string[] }> {
  const place = spokenPlaces(nodes);
  const second = planTeardown(lab, await scan(workers, lab, emit));
  const rest = second.ops.filter((op) => op.op !== 'netns.del');
  if (rest.length === 0) return { failures: [], left: [] };
  const { failures } = await run(workers, lab, rest, { emit, signal: null, nodes });
  const dumps = await scan(workers, lab, emit);
  const { links: left } = planTeardown(lab, dumps);
  if (failures.length > 0) return { failures, left };
  const remaining = remains(lab, dumps).map(
    ({ ns, dev }): Failure => ({
      subject: { kind: 'device', place: ns, dev },
      code: 'E_KERNEL',
      message: `${dev} is still in ${place(ns)}`,
      hint: `run ${verb('down')} again`,
    }),
  );
  return { failures: remaining, left };
}

/** Reports which processes keep a namespace alive after its name is removed. */
async function nameProcesses(workers: Workers, namespaces: readonly NsId[], emit: Emit): Promise<void> {
  if (namespaces.length === 0) return;
  const { pids } = await workers.ask({ task: 'pids', namespaces });
  for (const { ns, pids: holders } of pids) {
    if (holders.length > 0) emit({ type: 'namespaceKept', namespace: ns, pids: holders });
  }
}
