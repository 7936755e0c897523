/** Verbs that change a lab, where a daemon has it: the daemon does the work, and that is said. */
import type { Emit, Summary } from '../../events.ts';
import type { EndReport, SetReport } from '../../lab/override/report.ts';
import type { ResetRequest } from '../../lab/override/reset-links.ts';
import type { SetRequest } from '../../lab/override/set-links.ts';
import { settingsWritten } from '../../lab/override/settings.ts';
import type { Session } from '../../lab/session.ts';
import type { Restarted, RestartRequest } from '../../lab/with-nodes/restart.ts';
import { pendingFailures } from '../../plan/pending/text.ts';
import { digestOf } from '../digest.ts';
import { type Daemon, daemonOf } from './daemon.ts';

export interface UpThrough {
  readonly waitS: number;
  readonly rerunCommands: boolean;
  readonly prune: boolean;
  readonly reset: boolean;
}

/** `up` by the daemon of the lab. null: it has none that answers. Throws E_LOCKED if the daemon follows other files. */
export async function upThrough(session: Session, wanted: UpThrough, emit: Emit): Promise<Summary | null> {
  const daemon = await daemonOf(session.topology.lab);
  if (daemon === null) return null;
  const summary = summaryIn(await daemon.ask('POST', '/up', { ...wanted, files: filesOf(session) }));
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

/** `set` by the daemon of the lab. null: it has none that answers. Throws what `set` throws. */
export async function setThrough(lab: string, asked: SetRequest, emit: Emit): Promise<SetReport | null> {
  const { links, settings, both } = asked;
  return await setBy(await daemonOf(lab), 'set', { links, ...settingsWritten(settings), both }, emit);
}

/** `reset` by the daemon of the lab; null: it has none that answers. A session: E_LOCKED if the daemon follows other files. */
export async function resetThrough(of: Session | string, asked: ResetRequest, emit: Emit): Promise<SetReport | null> {
  const isNamed = typeof of === 'string';
  const daemon = await daemonOf(isNamed ? of : of.topology.lab);
  return await setBy(daemon, 'reset', { links: asked.links, ...(!isNamed && { files: filesOf(of) }) }, emit);
}

/** `restart` by the daemon of the lab, as `resetThrough`. */
export async function restartThrough(
  of: Session | string,
  { names, all, graceS }: RestartRequest,
  emit: Emit,
): Promise<Restarted | null> {
  const isNamed = typeof of === 'string';
  const daemon = await daemonOf(isNamed ? of : of.topology.lab);
  if (daemon === null) return null;
  const body = { names, all, graceS, ...(!isNamed && { files: filesOf(of) }) };
  const { lab, nodes, failures } = (await daemon.ask('POST', '/restart', body)) as Restarted;
  for (const failure of failures) emit({ type: 'failure', failure });
  tellWho(daemon, emit);
  return { lab, nodes, summary: null, failures };
}

async function setBy(
  daemon: Daemon | null,
  step: 'set' | 'reset',
  body: object,
  emit: Emit,
): Promise<SetReport | null> {
  if (daemon === null) return null;
  const report = setReportIn(await daemon.ask('POST', `/${step}`, body), step, emit);
  tellWho(daemon, emit);
  return report;
}

/** The report in a document of `set --json`; what it has done is told. */
export function setReportIn(document: object, step: 'set' | 'reset', emit: Emit): SetReport {
  const { lab, links, missing, failures } = document as SetDocument;
  const ends = links.map(({ state, ...end }): EndReport => ({ ...end, hasFailed: state === 'failed' }));
  for (const failure of failures) emit({ type: 'failure', failure });
  for (const { link, end, changes } of ends) {
    if (changes.length > 0) emit({ type: 'override', step, link, end, what: changes.join(', ') });
  }
  return { lab, ends, missing, failures };
}

/** The document of `set --json`. */
interface SetDocument extends Omit<SetReport, 'ends'> {
  readonly links: readonly (Omit<EndReport, 'hasFailed'> & { readonly state: string })[];
}

export function filesOf({ fileNames, files, topology }: Session): object {
  return { names: fileNames, set: files.files, digest: digestOf(topology) };
}

export function tellWho({ lab, pid }: Daemon, emit: Emit): void {
  emit({ type: 'notice', message: `The daemon of lab ${lab} (pid ${pid}) did this` });
}

/** The document of a summary has all of it, and more words. */
function summaryIn(document: object): Summary {
  const { lab, links, nodes, timings, failures, pending, commands = [], orphans } = document as Summary;
  return { lab, links, nodes, timings, failures, pending, commands, orphans };
}
