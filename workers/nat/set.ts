import type { NatSet } from '../../src/wire/ops/extras.ts';
import { failureOf } from '../failure.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { JobContext, Placed } from '../ops/context.ts';
import { enableForwarding } from '../sysctl.ts';
import { changeTranslations } from './translator.ts';

/** Carries the ops out in one transaction per lab. An op that is refused is recorded as a failure; the others are carried out. */
export function setTranslations(context: JobContext, ops: readonly Placed<NatSet>[]): void {
  for (const lab of new Set(ops.map(({ op }) => op.lab))) {
    const changes = ops.filter(({ op }) => op.lab === lab);
    try {
      if (changes.some(({ op }) => op.add.some(({ translation }) => translation.kind === 'forward'))) {
        enableForwarding(context.space);
      }
      for (const { change, call, errno, message } of changeTranslations(context.space, lab, changes)) {
        context.fail(change.at, call, subjectOf(change.op), { errno, message });
      }
    } catch (error) {
      if (!(error instanceof SystemFault)) throw error;
      for (const { at } of changes) context.failures.push(failureOf(at, error));
    }
  }
}

function subjectOf({ add }: NatSet): string {
  return add.map(({ comment }) => comment.split(' ').slice(3).join(' ')).join(', ');
}
