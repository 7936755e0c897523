/** `set` and `reset`: links by hand, and as configured again. */
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { LinkloomError } from '../../errors.ts';
import type { Observed } from '../../plan/observed.ts';
import { settableByMarks } from '../../plan/overrides/ends.ts';
import { assertLinkWords } from '../links/words.ts';
import { withOtherEnds } from '../override/other-ends.ts';
import type { SetReport } from '../override/report.ts';
import { type ResetRequest, resetLinks } from '../override/reset-links.ts';
import { type Selected, selectLinks } from '../override/select.ts';
import { type SetRequest, setLinks, setOn } from '../override/set-links.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { type HandOver, lockOrHandOver } from './hand-over.ts';
import { lookByMarks } from './survey.ts';

/** Has a daemon do it, which is given the session of the configuration. */
type ByDaemon = HandOver<SetReport, Session>;

/** Sets links of the lab of a configuration. Throws what `setLinks` throws, E_LOCKED, and what `Session.open` throws. */
export async function set(request: Request, asked: SetRequest, io: Io, handOver?: ByDaemon): Promise<SetReport> {
  assertLinkWords(asked.links);
  return await inSession(request, io, handOver, (session) => setLinks(session, asked, io));
}

/** Takes back what was set by hand. Throws what `resetLinks` throws, E_LOCKED, and what `Session.open` throws. */
export async function reset(request: Request, asked: ResetRequest, io: Io, handOver?: ByDaemon): Promise<SetReport> {
  assertLinkWords(asked.links);
  return await inSession(request, io, handOver, (session) => resetLinks(session, asked, io));
}

async function inSession(
  request: Request,
  io: Io,
  handOver: ByDaemon | undefined,
  work: (session: Session) => Promise<SetReport>,
): Promise<SetReport> {
  await using session = await Session.open(request, io.emit);
  const { lock, done } = await lockOrHandOver(session.workers, session.topology.lab, handOver, session);
  if (done !== null) return done;
  using _lock = lock;
  assertGoesOn(io);
  return await work(session);
}

function assertGoesOn({ signal }: Io): void {
  if (signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
}

/** Sets links of a lab that is known by its marks alone, so that what is configured is not known. Throws as `set`. */
export async function setByMarks(
  lab: string,
  request: Request,
  asked: SetRequest,
  io: Io,
  handOver?: HandOver<SetReport, string>,
): Promise<SetReport> {
  assertLinkWords(asked.links);
  assertPrivilege();
  await using workers = new WorkersOnDemand(request.workers);
  const { lock, done } = await lockOrHandOver(workers, lab, handOver, lab);
  if (done !== null) return done;
  using _lock = lock;
  const looked = await lookByMarks(lab, request.sockets, workers, io.emit, 'traffic');
  assertGoesOn(io);
  const select = (seen: Observed): Selected => selectLinks(lab, settableByMarks(lab, seen, looked.names), asked.links);
  const first = select(looked.observed);
  const chosen = new Set(first.links.map(({ id }) => id));
  const observed = asked.both ? await withOtherEnds(workers, looked, (link) => chosen.has(link)) : looked.observed;
  const selected = asked.both ? select(observed) : first;
  const ground = { lab, workers, observed, network: null, confirm: async <T>(plan: T): Promise<T> => plan };
  return await setOn(ground, selected, asked, io);
}
