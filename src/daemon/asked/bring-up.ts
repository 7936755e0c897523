/** What `up` and the API ask of a daemon: the lab as its files say now, and what became of each link and node. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure, Summary } from '../../events.ts';
import type { CommandsBegun } from '../../lab/commands/runs.ts';
import type { Session } from '../../lab/session.ts';
import { Tally } from '../../lab/tally.ts';
import type { LabControl } from './control.ts';
import type { LookOver } from './lookovers.ts';

/** Between two looks at what the lab still waits for. */
const POLL_MS = 50;

export interface BringUp extends LookOver {
  /** How long nodes that do not run yet are waited for. */
  readonly waitMs: number;
  /** Throws where what the files say is not what the asker wants; then nothing is done. */
  readonly check: (session: Session) => void;
}

/**
 * Reads the files, makes what they say, and waits for nodes that start and for the commands that were begun. Throws E_CONFIG and what
 * `check` and a pass throw.
 */
export async function bringUp(control: LabControl, wanted: BringUp): Promise<Summary> {
  const startedMs = performance.now();
  const session = await control.read(wanted.check);
  const tally = new Tally(session);
  using _observed = control.observe((reconciled) => tally.add(reconciled));
  const begun = control.commandsFromNow();
  const failed = control.adoptFor(session, tally);
  await control.lookOver(wanted);
  const failures = await failed;
  const deadlineMs = startedMs + wanted.waitMs;
  while (tally.pending.length > 0 && performance.now() < deadlineMs) await delay(POLL_MS);
  return await summed(tally, startedMs, failures, begun);
}

/** A pass over the whole lab, in which all that has failed is tried at once. Throws what a pass throws. */
export async function putRight(control: LabControl, wanted: LookOver): Promise<Summary> {
  const startedMs = performance.now();
  const tally = new Tally(control.session());
  using _observed = control.observe((reconciled) => tally.add(reconciled));
  await control.lookOver(wanted);
  return await summed(tally, startedMs, [], null);
}

async function summed(
  tally: Tally,
  startedMs: number,
  ofNodes: readonly Failure[],
  begun: CommandsBegun | null,
): Promise<Summary> {
  const { summary } = tally;
  tally.assertWhole();
  await begun?.ended();
  const timings = { ...summary.timings, totalMs: performance.now() - startedMs };
  const failures = [...ofNodes, ...summary.failures, ...(begun?.failures ?? [])];
  return { ...summary, failures, timings, commands: begun?.reports ?? [] };
}
