/** Ends a run: the processes of its program that are left, then the lab. */
import { LinkloomError } from '../../errors.ts';
import type { Summary } from '../../events.ts';
import { isRunning, processesWith } from '../../runtime/process.ts';
import { endAll } from '../commands/end.ts';
import type { Io, Request } from '../request.ts';
import { down } from '../verbs/down.ts';
import { forgetOwner } from './owner.ts';

/** Environment variable that marks the processes of a run's program; its value is the lab. */
export const RUN_VARIABLE = 'LINKLOOM_RUN';

/** The time from SIGTERM to SIGKILL: short, as whoever cancels a job gives it some seconds in all. */
const TERM_MS = 1000;
const KILL_MS = 1000;

/** Ends what a run's program has started and left running, as far as it has kept its environment. */
export async function endProcessesOfRun(lab: string): Promise<void> {
  const remaining = () => processesWith(`${RUN_VARIABLE}=${lab}`, false).filter(isRunning);
  await endAll(remaining, 'SIGTERM', TERM_MS);
  await endAll(remaining, 'SIGKILL', KILL_MS);
}

/** Removes the lab of a run. What can't be removed is in the summary, or the error; the next run tries again. */
export async function endRun(lab: string, request: Request, io: Omit<Io, 'signal'>): Promise<Summary> {
  await endProcessesOfRun(lab);
  const summary = await downPatiently(lab, request, io);
  if (summary.failures.length === 0) forgetOwner(lab);
  return summary;
}

/** A verb that the program has called, and that was ended with it, may have the lock for a moment. */
async function downPatiently(lab: string, request: Request, io: Omit<Io, 'signal'>): Promise<Summary> {
  for (let tries = 1; ; tries++) {
    try {
      return await down(lab, request, { ...io, signal: null });
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof LinkloomError) || error.code !== 'E_LOCKED') throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

const MOST_TRIES = 20;
const PAUSE_MS = 100;
