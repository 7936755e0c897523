/** What a lab needs of the kernel, and of which links each is. */
import type { Network } from '../topology/topology.ts';
import { DEVICE_FEATURES, type Feature } from '../wire/machine.ts';
import type { Op } from '../wire/op.ts';

/** Feature → what needs it: `NODE:DEV`, `bridge NAME`, `tunnel DEV`. */
export type Needs = ReadonlyMap<Feature, readonly string[]>;

/** What the plan makes, and what links will be made of whose nodes do not run yet. */
export function needsOf({ pending }: Pick<Network, 'pending'>, ops: readonly Op[]): Needs {
  const needs = new Map<Feature, string[]>();
  const need = (feature: Feature, who: string): void => {
    const list = needs.get(feature);
    if (list) list.push(who);
    else needs.set(feature, [who]);
  };
  for (const op of ops) needOfOp(op, need);
  for (const { links } of pending) {
    for (const { selector, dev, type, netem } of links) {
      need(type, `${selector.name}:${dev}`);
      if (netem !== null) need('netem', `${selector.name}:${dev}`);
    }
  }
  return needs;
}

function needOfOp(op: Op, need: (feature: Feature, who: string) => void): void {
  if (op.op === 'link.add') need(op.make.type, op.link ?? op.dev);
  else if (op.op === 'bridge.add') need('bridge', `bridge ${op.dev}`);
  else if (op.op === 'tunnel.add') needDevice(op.kind, op.link ?? op.dev, need);
  else if (op.op === 'trunk.add') need('trunk', op.link ?? op.dev);
  else if (op.op === 'qdisc.netem' && op.netem !== null) need('netem', op.link ?? op.dev);
  else if (op.op === 'wire.patch') {
    for (const feature of ['ingress', 'match-all', 'mirred'] as const) need(feature, op.link ?? op.devA);
  }
}

function needDevice(kind: string, who: string, need: (feature: Feature, who: string) => void): void {
  const feature = DEVICE_FEATURES.find((word) => word === kind);
  if (feature !== undefined) need(feature, who);
}
