/** `play` where a daemon has the lab: it plays, and the command of `until` is tried here. */
import type { Timeline } from '../../config/play/timeline.ts';
import { writtenTimeline } from '../../config/play/written.ts';
import type { PlayReport, StepReport } from '../../lab/play/report.ts';
import type { ForDaemon, Playing } from '../../lab/verbs/play.ts';
import { type Daemon, daemonOf, errorIn } from './daemon.ts';
import { filesOf, tellWho } from './verbs.ts';

/** A line of the answer to `POST /play`. */
type Line =
  | { readonly type: 'begin'; readonly play: number }
  | ({ readonly type: 'step'; readonly set: object } & Omit<StepReport, 'change'>)
  | ({ readonly type: 'end' } & PlayReport)
  | { readonly type: 'error' };

/**
 * Has the daemon of the lab play a timeline; null: it has none that answers. Whatever ends this process ends the play. Throws what `play`
 * throws, and E_TOOL where the daemon ends before the play is over.
 */
export async function playThrough(
  { lab, session, until }: ForDaemon,
  timeline: Timeline,
  { emit, onStep, signal }: Playing,
): Promise<PlayReport | null> {
  const daemon = await daemonOf(lab);
  if (daemon === null) return null;
  using attending = new Attending(daemon, until, signal);
  const body = { timeline: writtenTimeline(timeline), ...(session !== null && { files: filesOf(session) }) };
  let done: PlayReport | null = null;
  for await (const line of daemon.follow('POST', '/play', body) as AsyncIterable<Line>) {
    if (line.type === 'begin') attending.begin(line.play);
    else if (line.type === 'error') throw errorIn(line);
    else if (line.type === 'end') done = line;
    else {
      const { set, ...step } = line;
      for (const failure of step.failures) emit({ type: 'failure', failure });
      onStep({ ...step, change: set });
    }
  }
  if (attending.error !== null) throw attending.error;
  tellWho(daemon, emit);
  return done;
}

/** Ends the play when the command of `until` has succeeded, or this process is to end. */
class Attending implements Disposable {
  /** Why the command could not be tried. */
  error: unknown = null;
  readonly #daemon: Daemon;
  readonly #until: ForDaemon['until'];
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();

  constructor(daemon: Daemon, until: ForDaemon['until'], signal: AbortSignal) {
    this.#daemon = daemon;
    this.#until = until;
    this.#signal = signal;
  }

  begin(play: number): void {
    const end = (reason: 'until' | 'interrupted'): void => {
      if (this.#over.signal.aborted) return;
      // That it is over already is no fault. Its last line comes in any case.
      this.#daemon.ask('POST', '/play/end', { play, reason }).catch(() => {});
    };
    const interrupted = (): void => end('interrupted');
    this.#signal.addEventListener('abort', interrupted, { once: true });
    if (this.#signal.aborted) interrupted();
    this.#until?.(this.#over.signal).then(
      () => end('until'),
      (error: unknown) => {
        this.error = error;
        end('interrupted');
      },
    );
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }
}
