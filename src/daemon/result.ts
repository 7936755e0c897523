/** Sorts the result of a pass by the containers that it concerns. */
import type { Execution } from '../engine/run.ts';
import { LinkloomError } from '../errors.ts';
import type { Failure } from '../events.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import { countDone } from '../lab/outcome.ts';
import type { Plan } from '../plan/plan.ts';
import { subjectText } from '../subject.ts';
import { wiresOf } from '../topology/parts.ts';
import type { Network } from '../topology/topology.ts';
import { peerOf } from '../wire/make.ts';
import type { ReconcileResult } from './reconciler.ts';

/** The failures of a pass by container. `links` is how many links are wanted of all that runs. */
export function resultOf(network: Network, plan: Plan, execution: Execution, links: number): ReconcileResult {
  const owner = ownersOf(network);
  const failed = new Map<string, Failure[]>();
  const labFailures: Failure[] = [];
  for (const failure of execution.failures) {
    const id = owner.get(subjectText(failure.subject)) ?? null;
    if (id === null) labFailures.push(failure);
    else failed.set(id, [...(failed.get(id) ?? []), failure]);
  }
  return { failed, labFailures, changed: countDone(plan, execution), links };
}

/**
 * By link, the id of the container to which it belongs. A link of a named namespace belongs to the container at the other end of
 * its wire, if there is one.
 */
function ownersOf({ links, bridges }: Network): ReadonlyMap<string, string | null> {
  const wires = wiresOf(bridges);
  const ofWire = new Map<string, string>();
  for (const { node, spec } of links) {
    const bridge = bridgeOf(spec);
    if (node.id !== null && bridge !== null && wires.has(bridge)) ofWire.set(bridge, node.id);
  }
  return new Map(links.map(({ id, node, spec }) => [id, node.id ?? ofWire.get(bridgeOf(spec) ?? '') ?? null]));
}

/**
 * The subjects for which the kernel was asked and failed, each with the ids of the containers that it concerns. All other failures
 * were found while planning.
 */
export function triedOf(
  { links }: Network,
  plan: Plan,
  { failed, failures }: Execution,
): ReadonlyMap<string, readonly string[]> {
  const before = new Set(plan.failures.map(({ subject }) => subjectText(subject)));
  const tried = new Set([
    ...failed,
    ...failures.flatMap(({ subject }) => (before.has(subjectText(subject)) ? [] : [subjectText(subject)])),
  ]);
  if (tried.size === 0) return new Map();
  const nodes = new Map(links.map(({ id, node }) => [id, node.id]));
  const others = new Map<string, string>();
  for (const op of plan.ops) {
    const other = op.op === 'link.add' ? peerOf(op)?.link : op.op === 'wire.patch' ? op.otherLink : null;
    if (op.link !== null && other) others.set(op.link, other).set(other, op.link);
  }
  const containersOf = (link: string): readonly string[] =>
    [link, others.get(link)].flatMap((end) => nodes.get(end ?? '') ?? []);
  return new Map([...tried].map((link) => [link, containersOf(link)]));
}

/**
 * Turns an error into failures: one for each fault that it carries, with its position in the file, and one for the error itself.
 */
export function failuresOf(error: unknown): readonly Failure[] {
  const known = error instanceof LinkloomError ? error : new LinkloomError('E_INTERNAL', String(error));
  const faults = known.diagnostics.filter(({ severity }) => severity === 'error');
  return [...faults, known].map(({ message, where, hint }) => ({
    subject: { kind: 'lab' },
    code: known.code,
    message: `${typeof where === 'object' ? `${where.file}:${where.line}:${where.column}: ` : ''}${message}`,
    ...(hint !== undefined && { hint }),
  }));
}
