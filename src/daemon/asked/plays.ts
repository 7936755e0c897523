/** Plays on the lab of a daemon: one at a time. Its steps come between two passes, and the passes leave what they set. */
import type { Given, Timeline } from '../../config/play/timeline.ts';
import { writtenChange } from '../../config/play/written.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { PlayReport, StepReport } from '../../lab/play/report.ts';
import type { Session } from '../../lab/session.ts';
import { type PlayHooks, playBeside } from '../../lab/verbs/play.ts';
import type { Notice } from '../../notices.ts';
import { type VerbName, verb } from '../../verb-names.ts';
import type { Turns } from './turns.ts';

/** Why somebody ends a play: what it was to wait for has happened, or it is not wanted any more. */
export type PlayEnding = 'until' | 'interrupted';

/** Where a play takes place. */
export interface PlayGround {
  readonly lab: string;
  readonly turns: Turns;
  readonly emit: Emit;
  session(): Session;
  /** How long a pass over the whole lab takes that finds nothing to do. */
  wholePassMs(): number;
}

export interface PlayAsker extends Pick<PlayHooks, 'onStep'> {
  /** Called with the play's number when all of it has been checked, before anything is touched. */
  readonly onBegin: (play: number) => void;
  /** Aborts when the asker has gone: then the play ends. */
  readonly signal: AbortSignal;
}

interface Running {
  readonly play: number;
  readonly timeline: Timeline;
  readonly startedMs: number;
  readonly ending: AbortController;
  /** Aborts when what the play was to wait for has happened. */
  readonly reached: AbortController;
  readonly over: Promise<PlayReport>;
}

/** The lab is kept free of other work from so long before each step on; a pass that has begun then would delay it. */
const AHEAD_MS = { least: 200, most: 2000 } as const;
/** A busy machine makes passes longer. */
const AHEAD_PASSES = 3;

export class Plays {
  readonly #ground: PlayGround;
  #running: Running | null = null;
  #count = 0;
  #isOver = false;

  constructor(ground: PlayGround) {
    this.#ground = ground;
  }

  /** Throws E_LOCKED while something is played, and says what. */
  assertNone(wanted: VerbName): void {
    if (this.#running === null) return;
    const { play, timeline, startedMs } = this.#running;
    const what = timeline.name === null ? 'a timeline' : `the timeline ${timeline.name}`;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const who = `the daemon of lab ${this.#ground.lab} (pid ${process.pid})`;
    throw new LinkloomError('E_LOCKED', `${who} has been playing ${what} for ${seconds} s (play ${play})`, {
      hint: `${verb(wanted)} again when it is over; interrupt that ${verb('play')}, or ask \`POST /play/end\`, to end it`,
    });
  }

  /**
   * Plays a timeline; all links are as they were found when it resolves or rejects. Throws E_LOCKED where one is played, E_INTERRUPTED
   * where the daemon ends, and what `playBeside` throws.
   */
  async play(timeline: Timeline, { onStep, onBegin, signal }: PlayAsker): Promise<PlayReport> {
    this.assertNone('play');
    if (this.#isOver) throw new LinkloomError('E_INTERRUPTED', 'the daemon ends, and plays nothing any more');
    const ending = new AbortController();
    const reached = new AbortController();
    const play = ++this.#count;
    let hasBegun = false;
    let steps = 0;
    const io: PlayHooks = {
      emit: this.#ground.emit,
      onBegin: () => {
        hasBegun = true;
        this.#ground.emit({ type: 'playBegun', play, name: timeline.name });
        onBegin(play);
      },
      onStep: (step) => {
        steps += 1;
        this.#ground.emit(told(play, step));
        onStep(step);
      },
      signal: AbortSignal.any([signal, ending.signal]),
      until: (over) => eitherAborted(reached.signal, over),
    };
    const { turns } = this.#ground;
    const taking = { take: () => turns.play(), aheadMs: this.#aheadMs };
    const over = playBeside(() => this.#ground.session(), timeline, taking, io);
    const running: Running = { play, timeline, startedMs: performance.now(), ending, reached, over };
    this.#running = running;
    let end: PlayReport['end'] = 'failed';
    try {
      const report = await over;
      ({ end } = report);
      return report;
    } finally {
      this.#running = null;
      const lastedMs = performance.now() - running.startedMs;
      if (hasBegun) this.#ground.emit({ type: 'playEnded', play, end, steps, lastedMs });
    }
  }

  /** Ends a play (null: the one that runs), and resolves when the links are as they were found. Throws E_NODE_MISSING. */
  async end(play: number | null, why: PlayEnding): Promise<PlayReport> {
    const running = this.#running;
    if (running === null || (play !== null && play !== running.play)) {
      const what = play === null ? 'nothing is played' : `timeline ${play} is over, or was never begun`;
      throw new LinkloomError('E_NODE_MISSING', `lab ${this.#ground.lab}: ${what}`);
    }
    if (why === 'until') running.reached.abort();
    else running.ending.abort();
    return await running.over;
  }

  /** The daemon ends: what is played is interrupted, and nothing is played any more. */
  stop(): void {
    this.#isOver = true;
    this.#running?.ending.abort();
  }

  /** Resolves when nothing is played. */
  async over(): Promise<void> {
    await this.#running?.over.catch(() => {});
  }

  get #aheadMs(): number {
    return Math.min(AHEAD_MS.most, Math.max(AHEAD_MS.least, AHEAD_PASSES * this.#ground.wholePassMs()));
  }
}

/** A step as an event. */
function told(play: number, { change, failures, ...step }: StepReport): Extract<Notice, { type: 'playStep' }> {
  return { type: 'playStep', play, ...step, set: writtenChange(change as Given | 'reset'), failed: failures.length };
}

function eitherAborted(...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  return new Promise((resolve) => {
    if (either.aborted) resolve();
    either.addEventListener('abort', () => resolve(), { once: true });
  });
}
