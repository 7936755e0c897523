/** `play`: a timeline on a running lab. */
import type { Timeline } from '../../config/play/timeline.ts';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { LinkloomError } from '../../errors.ts';
import { settableByMarks, settableLinks } from '../../plan/overrides/ends.ts';
import type { ContainerNames } from '../../plan/status/by-marks.ts';
import { type Moment, momentsOf } from '../../play/schedule.ts';
import { readingOnce } from '../load.ts';
import type { Ground } from '../override/carry-out.ts';
import { withOtherEnds } from '../override/other-ends.ts';
import { groundOf } from '../override/set-links.ts';
import { assertLinks } from '../play/cast.ts';
import { type PlayIo, perform } from '../play/perform.ts';
import type { PlayReport } from '../play/report.ts';
import { type Hands, type Stage, setStage } from '../play/stage.ts';
import { type Trying, tryingOf } from '../play/until.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { isNamedAlone } from '../with-nodes/of-lab.ts';
import { type HandOver, lockOrHandOver } from './hand-over.ts';
import { lookByMarks } from './survey.ts';

export interface PlayRequest {
  readonly timeline: Timeline;
  /** The variables of `until`'s command. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a play needs, besides a timeline. */
export interface Playing extends Pick<PlayIo, 'emit' | 'onStep' | 'signal'> {
  /** Has a daemon play. */
  readonly handOver?: HandOver<PlayReport, ForDaemon>;
}

/** What a daemon is given, besides a timeline. `session` null: there is no configuration. `until` is tried here. */
export interface ForDaemon {
  readonly lab: string;
  readonly session: Session | null;
  readonly until: Trying | null;
}

/** As `PlayIo`; `onBegin` is called when all has been checked, before anything is touched. */
export interface PlayHooks extends PlayIo {
  readonly onBegin?: () => void;
}

/**
 * Plays a timeline on a lab; the lab's lock is held all the time. Throws, before anything is touched, E_LOCKED and what `Session.open`,
 * `setStage` and `tryingOf` throw; then what `perform` throws.
 */
export async function play(asked: Request, { timeline, env }: PlayRequest, io: Playing): Promise<PlayReport> {
  assertLinks(timeline);
  const request = readingOnce(asked);
  await using hands = await handsOf(request, io);
  const until = timeline.until === null ? null : await tryingOf(timeline.until, request, env, io.emit);
  const given = { lab: hands.lab, session: hands.session, until };
  const { lock, done } = await lockOrHandOver(hands.workers, hands.lab, io.handOver, given);
  if (done !== null) return done;
  using _lock = lock;
  return await playWith(hands, timeline, { ...io, until });
}

/**
 * Plays a timeline in a process that works on the lab meanwhile, as a daemon does. The lab's lock must be held. Throws E_INTERRUPTED and
 * what `setStage` throws, before anything is touched; then what `perform` throws.
 */
export async function playBeside(
  session: () => Session,
  timeline: Timeline,
  taking: Pick<Hands, 'take' | 'aheadMs'>,
  io: PlayHooks,
): Promise<PlayReport> {
  assertLinks(timeline);
  return await playWith({ ...taking, ...sessionHands(session) }, timeline, io);
}

async function playWith(hands: Hands, timeline: Timeline, io: PlayHooks): Promise<PlayReport> {
  // Whoever performs has a turn of its own before this one is over: what was observed stays as it is.
  using turn = await hands.take();
  const stage = await setStage(timeline, hands);
  if (io.signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  io.onBegin?.();
  const performing = perform(stage, hands, io);
  turn[Symbol.dispose]();
  return await performing;
}

/** What a timeline will do: the moments of its first round, each with its links. Nothing is touched. Throws what `play` does. */
export async function rehearsed(
  asked: Request,
  { timeline, env }: PlayRequest,
  io: Pick<Io, 'emit'>,
): Promise<{ readonly lab: string; readonly moments: readonly Foreseen[] }> {
  assertLinks(timeline);
  const request = readingOnce(asked);
  await using hands = await handsOf(request, io);
  if (timeline.until !== null) await tryingOf(timeline.until, request, env, io.emit);
  const stage = await setStage(timeline, hands);
  return { lab: hands.lab, moments: foreseen(stage) };
}

/** A moment, and the links that it is about. */
export interface Foreseen extends Moment {
  readonly links: readonly string[];
}

function foreseen({ timeline, cast }: Stage): readonly Foreseen[] {
  const moments = [...momentsOf(timeline, (step) => cast.idsOf(step), 1)];
  return moments.map((moment) => ({ ...moment, links: cast.linksOf(moment).map(({ id }) => id) }));
}

interface OwnHands extends Hands, AsyncDisposable, Pick<Ground, 'lab' | 'workers'>, Pick<ForDaemon, 'session'> {}

/** By the configuration, or by the marks alone where only the lab's name is given. */
async function handsOf(request: Request, { emit }: Pick<Io, 'emit'>): Promise<OwnHands> {
  const { lab } = request.load;
  if (lab === undefined || !isNamedAlone(request)) return await handsOfSession(request, emit);
  assertPrivilege();
  const workers = new WorkersOnDemand(request.workers);
  let names: ContainerNames = new Map();
  return {
    ...{ lab, workers, session: null, aheadMs: null, take: async () => NOBODY },
    look: async () => {
      const looked = await lookByMarks(lab, request.sockets, workers, emit);
      names = looked.names;
      const observed = await withOtherEnds(workers, looked);
      return { lab, workers, observed, network: null, confirm: async (plan) => plan };
    },
    settable: ({ observed }) => settableByMarks(lab, observed, names),
    [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose](),
  };
}

async function handsOfSession(request: Request, emit: Io['emit']): Promise<OwnHands> {
  const session = await Session.open(request, emit);
  return {
    ...{ lab: session.topology.lab, workers: session.workers, session, aheadMs: null, take: async () => NOBODY },
    ...sessionHands(() => session),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** Looks at the lab of a session. */
function sessionHands(session: () => Session): Pick<Hands, 'look' | 'settable'> {
  return {
    look: () => groundOf(session(), { emit: () => {} }),
    settable: ({ network, observed }) => (network === null ? [] : settableLinks(network, observed)),
  };
}

/** While the lab's lock is held nobody else works on it. */
const NOBODY: Disposable = { [Symbol.dispose]: () => {} };
