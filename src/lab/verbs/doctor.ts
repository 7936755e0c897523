/** `doctor`: what this machine can do, and whether a lab fits on it. Changes nothing. */
import { factsFor } from '../../engine/machine/facts.ts';
import { machineFacts } from '../../engine/machine/files.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { type Diagnostic, diagnosticOf, EXIT, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { checkCapabilities, checkKernel, NEEDED_CAPABILITIES } from '../../preflight/checks/kernel.ts';
import { type Checkup, labCheckup } from '../../preflight/checkup.ts';
import type { Facts, MachineFacts } from '../../preflight/facts.ts';
import type { Finding } from '../../preflight/finding.ts';
import type { Lab } from '../../preflight/lab.ts';
import { preflight, type Questions, questionsOf } from '../../preflight/preflight.ts';
import { enginesWithin } from '../../runtime/connect.ts';
import { subjectText } from '../../subject.ts';
import { FEATURES } from '../../wire/machine.ts';
import { readingOnce } from '../load.ts';
import { pass, WHOLE_LAB } from '../pass.ts';
import { CALIBRATION_PAIRS, labOf } from '../preflight/look-before.ts';
import type { Request } from '../request.ts';
import { Session } from '../session.ts';

/** What looking at a lab came to. */
interface Seen {
  /** null: it can't be as it is written, so there is no plan. */
  readonly lab: Lab | null;
  readonly findings: readonly Finding[];
  readonly isBlind: boolean;
}

/** Throws E_CONFIG where a configuration is named and is none. `request` null: the machine alone. */
export async function doctor(
  request: Request | null,
  { sockets }: Pick<Request, 'sockets'>,
  emit: Emit,
): Promise<Checkup> {
  const machine = machineFacts();
  const seen: Seen =
    request === null ? { lab: null, findings: [], isBlind: false } : await look(readingOnce(request), emit);
  const engines = (await enginesWithin(sockets)).map(({ kind, socketPath }) => ({ kind, socketPath }));
  const { lab } = seen;
  const questions = lab === null ? null : questionsOf(lab);
  const asked = canAsk(machine) ? await ask(questions) : null;
  const facts = asked ?? { ...machine, ...NOT_ASKED };
  const findings = [
    ...checkCapabilities(machine),
    ...seen.findings,
    ...(lab === null || questions === null ? checkKernel(machine) : preflight(lab, questions.needs, facts)),
  ];
  return {
    machine,
    missing: asked?.missing ?? null,
    engines,
    lab: lab === null || questions === null ? null : labCheckup(lab, questions.needs, facts),
    findings: ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
    isBlind: asked === null || seen.isBlind,
  };
}

const ORDER = ['error', 'warning', 'note'] as const;
const NOT_ASKED = {
  missing: [],
  firewall: [],
  underlays: [],
  pairMs: null,
  bridgeMs: null,
  namespacesUsed: 0,
} as const;

function canAsk({ missingCapabilities }: MachineFacts): boolean {
  return !missingCapabilities.some((name) => NEEDED_CAPABILITIES.includes(name));
}

/** Everything that a kernel may have is asked for, whatever the lab needs. */
async function ask(questions: Questions | null): Promise<Facts> {
  await using workers = new WorkersOnDemand(1);
  const needs = new Map(FEATURES.map((feature) => [feature, []]));
  return await factsFor(workers, { remotes: [], firewall: false, ...questions, needs }, CALIBRATION_PAIRS);
}

/** Plans the lab. If this machine can't be observed, plans against an empty kernel, and the reason becomes a finding. */
async function look(request: Request, emit: Emit): Promise<Seen> {
  const told: Diagnostic[] = [];
  const collect = collector(told, emit);
  try {
    await using session = await Session.open(request, collect);
    const lab = labOf(session, await pass(session, WHOLE_LAB, collect));
    return { lab, findings: [...told.map(alone), ...blocked(lab)], isBlind: false };
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code === 'E_CONFIG' || error.exitCode === EXIT.usage) throw error;
    if (error.code === 'E_CLASH')
      return { lab: null, findings: [...told, ...reasonsOf(error)].map(alone), isBlind: false };
    const isBlind = error.code === 'E_PRIVILEGE' || error.code === 'E_ENGINE';
    const { lab, findings } = await lookOffline(request);
    const known = new Set(findings.map(({ message }) => message));
    const more = [...reasonsOf(error), ...told].filter(({ message }) => !known.has(message));
    return { lab, findings: [...more.map(alone), ...findings], isBlind };
  }
}

async function lookOffline(request: Request): Promise<Omit<Seen, 'isBlind'>> {
  const told: Diagnostic[] = [];
  const collect = collector(told, () => {});
  try {
    const session = await Session.offline(request, collect);
    const lab = labOf(session, await pass(session, { ...WHOLE_LAB, offline: true }, collect));
    return { lab, findings: told.map(alone) };
  } catch (error) {
    if (!(error instanceof LinkloomError) || error.code !== 'E_CLASH') throw error;
    return { lab: null, findings: [...told, ...error.diagnostics].map(alone) };
  }
}

function collector(told: Diagnostic[], emit: Emit): Emit {
  return (event) => {
    if (event.type === 'diagnostic') told.push(event.diagnostic);
    else if (event.type === 'detail') emit(event);
  };
}

/** What was found without a word of links. */
function alone(diagnostic: Diagnostic): Finding {
  return { ...diagnostic, links: [] };
}

/** Why a lab could not be looked at. */
function reasonsOf({ code, message, hint, where, diagnostics }: LinkloomError): readonly Diagnostic[] {
  if (diagnostics.length > 0) return diagnostics;
  // What is missing is among the findings of its own.
  if (code === 'E_PRIVILEGE') return [];
  const more = { hint, where: typeof where === 'string' ? undefined : where };
  return [
    code === 'E_ENGINE' ? diagnosticOf('engine-missing', message, more) : diagnosticOf('lab-refused', message, more),
  ];
}

/** Links that `up` would refuse, one by one. */
function blocked({ plan }: Lab): readonly Finding[] {
  return plan.failures.map(({ subject, message, hint }) => {
    const text = subjectText(subject);
    return {
      ...diagnosticOf('link-blocked', `${text}: ${message}`, { hint }),
      links: subject.kind === 'link' ? [text] : [],
    };
  });
}
