/** A lab for one program, from `up` to `down`. */
import { LinkloomError } from '../../errors.ts';
import type { Failure, Summary } from '../../events.ts';
import type { Io, Request } from '../request.ts';
import type { Session } from '../session.ts';
import { up } from '../verbs/up.ts';
import { claim, refuseOthers, SIDE_BY_SIDE } from './claim.ts';
import { endRun } from './end.ts';
import { sweep, sweepLocks } from './sweep.ts';

export interface RunSteps {
  /** How long nodes are waited for that do not run yet. 0: not at all. */
  readonly waitMs: number;
  /** Runs when the links are made, on the session that has made them. Throws if the program is not to be run. */
  readonly afterwards: ((session: Session) => Promise<void>) | undefined;
  /** Runs the program in the lab. */
  readonly program: (lab: string) => Promise<void>;
}

/**
 * Removes what killed runs have left, makes the lab, runs the program, and removes the lab, whatever happens; returns what became of the
 * removal. Throws what `up` and the steps throw, E_CLASH where others have what the lab wants, and E_LINKS_FAILED where the lab is
 * not whole: then the program is not run.
 */
export async function runLab(request: Request, io: Io, steps: RunSteps): Promise<Summary> {
  let lab: string | null = null;
  let error: unknown;
  try {
    const made = await up(request, steps.waitMs, io, {
      beforehand: async (session) => {
        await sweep(session.workers, session.topology.lab, request, io.emit);
        await sweepLocks(session.workers);
        await claim(session);
        lab = session.topology.lab;
      },
      onPass: ({ plan }) => refuseOthers(plan),
      afterwards: async (session) => await steps.afterwards?.(session),
    });
    assertWhole(made);
    await steps.program(made.lab);
  } catch (thrown) {
    error = thrown;
  }
  const removed = lab === null ? null : await endRun(lab, request, io);
  if (removed === null || error !== undefined) throw error;
  return removed;
}

function assertWhole({ lab, links, pending, failures }: Summary): void {
  if (failures.length === 0 && links.failed === 0 && pending.length === 0) return;
  const isShared = failures.some(({ code }: Failure) => code === 'E_FOREIGN_DEVICE');
  throw new LinkloomError('E_LINKS_FAILED', `the lab ${lab} is not whole, so the program was not run`, {
    ...(isShared && { hint: SIDE_BY_SIDE }),
  });
}
