/** Proof of a lab that is known by its name alone. */
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { ProbeThread } from '../../engine/threads/prober.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Observed } from '../../plan/observed.ts';
import { notLookedFor } from '../../plan/pending/pending.ts';
import { networkByMarks, questionsOf } from '../../proof/by-marks.ts';
import type { Proof } from '../../proof/proof.ts';
import type { Network } from '../../topology/topology.ts';
import { commandLine } from '../../verb-names.ts';
import { lookAgain } from '../look.ts';
import type { Io } from '../request.ts';
import { lookByMarks, type SurveyRequest } from '../verbs/survey.ts';
import { prove, type VerifyOptions } from './verify.ts';

/**
 * Proves what a lab's marks show: that what is tied together now carries frames. Where it should go, and with which MTU, only a
 * configuration says. Throws E_NODE_MISSING where nothing of the lab is found, and what `prove` throws.
 */
export async function verifyByMarks(
  lab: string,
  request: SurveyRequest,
  options: Omit<VerifyOptions, 'thread'>,
  io: Io,
): Promise<Proof> {
  assertPrivilege();
  const thread = new ProbeThread();
  try {
    await using workers = new WorkersOnDemand(request.workers);
    const { network, observed } = await lookForWires(lab, request, workers, io);
    const subject = {
      network,
      look: async () => observed,
      lookAgain: (seen: typeof observed, namespaces: Parameters<typeof lookAgain>[3]) =>
        lookAgain(workers, lab, seen, namespaces),
      absence: notLookedFor,
    };
    return await prove(subject, { ...options, thread }, io);
  } finally {
    await thread[Symbol.asyncDispose]();
  }
}

/** What was seen first is not kept. */
async function lookForWires(
  lab: string,
  request: SurveyRequest,
  workers: Workers,
  io: Io,
): Promise<{ readonly network: Network; readonly observed: Observed }> {
  const { report, observed } = await lookByMarks(lab, request.sockets, workers, io.emit, 'traffic');
  if (report.links.length === 0) {
    const hint = `${commandLine('status', '--all')} lists the labs of this host`;
    throw new LinkloomError('E_NODE_MISSING', `nothing of a lab ${lab} is there`, { hint });
  }
  const { ports, farEnds } = questionsOf(report);
  const isKnown = ports.size === 0 && farEnds.size === 0;
  const closer = isKnown ? observed : await lookAgain(workers, lab, observed, ports, farEnds);
  return { network: networkByMarks(report, closer), observed: closer };
}
