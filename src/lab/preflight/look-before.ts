/**
 * `preflight/` is a look before the leap: whether the lab of a pass fits on this machine, before any of its plan is carried out.
 */
import { counted } from '../../counted.ts';
import { factsFor } from '../../engine/machine/facts.ts';
import { errorsIn, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Finding } from '../../preflight/finding.ts';
import type { Lab } from '../../preflight/lab.ts';
import { preflight, questionsOf } from '../../preflight/preflight.ts';
import { commandLine } from '../../verb-names.ts';
import type { Op, OpName } from '../../wire/op.ts';
import type { Pass } from '../pass.ts';
import type { Session } from '../session.ts';

/** Pairs of veth that are measured: enough that one slow pair does not count, few enough to take some 20 ms. */
export const CALIBRATION_PAIRS = 32;

/** With errors: `refuse`: nothing is carried out; `tell`: they are told, and what can be done is. `skip`: nobody looks. */
export type PreflightMode = 'refuse' | 'tell' | 'skip';

/**
 * Errors and warnings are told; notes only in detail. A plan that makes nothing is not looked at. Throws E_FEATURE or E_LIMIT where
 * there are errors and these `refuse`.
 */
export async function lookBefore(session: Session, found: Pass, mode: PreflightMode, emit: Emit): Promise<void> {
  if (mode === 'skip' || !found.isWhole || !makes(found.plan)) return;
  const lab = labOf(session, found);
  const questions = questionsOf(lab);
  const findings = preflight(lab, questions.needs, await factsFor(session.workers, questions));
  const errors = findings.filter(({ severity }) => severity === 'error');
  for (const finding of findings) {
    if (finding.severity === 'note') emit({ type: 'detail', message: finding.message });
    else if (finding.severity === 'warning' || mode === 'tell') emit({ type: 'diagnostic', diagnostic: finding });
  }
  if (mode === 'refuse' && errors.length > 0) throw refusal(errors);
}

export function labOf(session: Session, { network, plan, snapshot }: Pass): Lab {
  return {
    ...{ network, plan, observed: snapshot.observed, side: session.side },
    ...{ definitions: session.topology.nodes ?? [], workers: Math.max(1, session.workers.size) },
  };
}

const MAKING: ReadonlySet<OpName> = new Set([
  ...([
    'netns.add',
    'link.add',
    'bridge.add',
    'ovs.bridge',
    'tunnel.add',
    'trunk.add',
    'qdisc.netem',
    'wire.patch',
  ] as const),
]);

function makes({ ops }: Plan): boolean {
  return ops.some(({ op }: Op) => MAKING.has(op));
}

function refusal(errors: readonly Finding[]): LinkloomError {
  const isFeature = errors.some(({ code }) => code === 'feature-missing' || code === 'kernel-old');
  const message = `this machine does not have what the lab needs (${counted(errorsIn(errors), 'error')}); nothing has been touched`;
  return new LinkloomError(isFeature ? 'E_FEATURE' : 'E_LIMIT', message, {
    diagnostics: errors,
    hint: `${commandLine('doctor')} tells more; \`--no-preflight\` makes what can be made`,
  });
}
