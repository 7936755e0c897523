/** Sends an echo request from every node to every other, again and again until all are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckNode } from '../../check/node.ts';
import { type Pair, pairsOf } from '../../check/pairs.ts';
import type { CheckFailure, PairsResult } from '../../check/report.ts';
import { whyNot } from '../../check/words.ts';
import { describe } from '../../engine/failure.ts';
import type { CheckThread } from '../../engine/threads/checker.ts';
import { grouped } from '../../grouped.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import type { LabNow } from './nodes.ts';

const DATA_BYTES = 56;
const TIMEOUT_MS = 1000;
/** Between two rounds at least; longer where a round takes longer, so that what has to converge has the machine for itself half of the time. */
const PAUSE_MS = 300;

export interface AllPairs {
  readonly isFrom: (node: CheckNode) => boolean;
  readonly withinMs: number;
  readonly untilMs: number;
}

/** `look` says which nodes there are at this moment. Needs CAP_NET_RAW. */
export async function checkAllPairs(
  { isFrom, withinMs, untilMs }: AllPairs,
  look: () => Promise<LabNow>,
  thread: CheckThread,
  signal: AbortSignal | null,
): Promise<PairsResult> {
  const begunMs = performance.now();
  const deadlineMs = Math.min(begunMs + withinMs, untilMs);
  const reached = new Set<string>();
  for (;;) {
    const roundMs = performance.now();
    const now = await look();
    const nodes = now.nodes.filter(({ label }) => label !== HOST_NAME);
    const pairs = pairsOf(nodes, isFrom);
    const left = pairs.filter((pair) => !reached.has(keyOf(pair)));
    const whys = await tryAll(left, thread);
    for (const pair of left) if (!whys.has(keyOf(pair))) reached.add(keyOf(pair));
    const nowMs = performance.now();
    const missing = [...now.missing, ...(now.missingElsewhere ?? [])];
    const isDone = whys.size === 0 && missing.length === 0;
    if (isDone || nowMs >= deadlineMs || signal?.aborted) {
      return resultOf(nodes.filter(isFrom), missing, pairs, whys, nowMs - begunMs);
    }
    const pauseMs = Math.min(Math.max(PAUSE_MS, nowMs - roundMs), deadlineMs - nowMs);
    await sleep(pauseMs, undefined, signal === null ? {} : { signal }).catch(() => {});
  }
}

async function tryAll(pairs: readonly Pair[], thread: CheckThread): Promise<ReadonlyMap<string, string>> {
  const outcomes = await thread.try(
    pairs.map(({ from: { ns }, address, source }) => ({
      kind: 'echo',
      ...{ ns, to: address, source, timeoutMs: TIMEOUT_MS, dataBytes: DATA_BYTES, dontFragment: false },
    })),
  );
  const whys = new Map<string, string>();
  for (const [at, outcome] of outcomes.entries()) {
    const pair = pairs[at] as Pair;
    const why = whyNot(outcome, TIMEOUT_MS, ({ failure }) => describe(failure, null, pair.from.ns).message);
    if (why !== null) whys.set(keyOf(pair), why);
  }
  return whys;
}

function keyOf({ from, to, address }: Pair): string {
  return `${from.label} ${to.label} ${address}`;
}

function resultOf(
  nodes: readonly CheckNode[],
  missing: readonly string[],
  pairs: readonly Pair[],
  whys: ReadonlyMap<string, string>,
  tookMs: number,
): PairsResult {
  const ofNode = grouped(pairs, ({ from }) => from.label);
  const absent = missing.map((name) => ({ to: name, why: 'does not run' }));
  const reaches = nodes.map(({ label }) => {
    const own = ofNode.get(label) ?? [];
    const targets = new Set(own.map(({ to }) => to.label));
    const failures = new Map<string, CheckFailure>();
    for (const pair of own) {
      const why = whys.get(keyOf(pair));
      if (why !== undefined)
        failures.set(pair.to.label, { from: label, to: pair.to.label, why: `${pair.address}: ${why}` });
    }
    const all = [...failures.values(), ...absent.map((one) => ({ from: label, ...one }))];
    const count = targets.size + absent.length;
    return { node: label, pairs: count, reached: count - all.length, failures: all };
  });
  const gone = missing.map((name) => goneNode(name, nodes));
  const every = [...reaches, ...gone];
  return {
    isLoopbacks: nodes.every(({ loopbacks }) => loopbacks.length > 0),
    pairs: sum(every.map((one) => one.pairs)),
    reached: sum(every.map((one) => one.reached)),
    tookMs,
    nodes: every,
  };
}

/** A node that does not run reaches nothing. */
function goneNode(name: string, nodes: readonly CheckNode[]): PairsResult['nodes'][number] {
  const failures = nodes.map(({ label }) => ({ from: name, to: label, why: `${name} does not run` }));
  return { node: name, pairs: failures.length, reached: 0, failures };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
