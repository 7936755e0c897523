/** Verbs that change a lab, where a daemon has it: the daemon does the work, and that is said. */
import type { Emit, Summary } from '../../events.ts';
import type { Session } from '../../lab/session.ts';
import { pendingFailures } from '../../plan/pending/text.ts';
import { digestOf } from '../digest.ts';
import { type Daemon, daemonOf } from './daemon.ts';

export interface UpThrough {
  readonly waitS: number;
  readonly rerunCommands: boolean;
  readonly prune: boolean;
}

/** `up` by the daemon of the lab. null: it has none that answers. Throws E_LOCKED if the daemon follows other files. */
export async function upThrough(session: Session, wanted: UpThrough, emit: Emit): Promise<Summary | null> {
  const { topology, fileNames, files } = session;
  const daemon = await daemonOf(topology.lab);
  if (daemon === null) return null;
  const named = { names: fileNames, set: files.files, digest: digestOf(topology) };
  const summary = summaryIn(await daemon.ask('POST', '/up', { ...wanted, files: named }));
  for (const failure of summary.failures) emit({ type: 'failure', failure });
  emit({ type: 'summary', verb: 'up', summary });
  for (const failure of pendingFailures(summary.pending)) emit({ type: 'failure', failure });
  tellWho(daemon, emit);
  return summary;
}

/** `down` by the daemon of the lab, which ends then. null: it has none that answers. */
export async function downThrough(lab: string, emit: Emit): Promise<Summary | null> {
  const daemon = await daemonOf(lab);
  if (daemon === null) return null;
  const summary = summaryIn(await daemon.ask('POST', '/down'));
  for (const failure of summary.failures) emit({ type: 'failure', failure });
  emit({ type: 'summary', verb: 'down', summary });
  tellWho(daemon, emit);
  return summary;
}

function tellWho({ lab, pid }: Daemon, emit: Emit): void {
  emit({ type: 'notice', message: `The daemon of lab ${lab} (pid ${pid}) did this` });
}

/** The document of a summary has all of it, and more words. */
function summaryIn(document: object): Summary {
  const { lab, links, nodes, timings, failures, pending, commands = [], orphans } = document as Summary;
  return { lab, links, nodes, timings, failures, pending, commands, orphans };
}
