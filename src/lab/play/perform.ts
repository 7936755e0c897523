/** Plays a timeline: messages are made ahead, handed to the thread that waits for their time, and told when they are through. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf, subjectOf } from '../../engine/failure.ts';
import { monotonicMs, PlayerThread } from '../../engine/threads/player.ts';
import type { Emit, Failure } from '../../events.ts';
import { endOf, type Moment, momentsOf } from '../../play/schedule.ts';
import { spokenPlaces } from '../../topology/places.ts';
import type { CueReport } from '../../wire/play.ts';
import { writeParked } from '../override/parked.ts';
import { type Prepared, Preparer } from './prepare.ts';
import type { PlayEnd, PlayReport, StepReport } from './report.ts';
import { restore } from './restore.ts';
import { everParked, type Hands, type Stage } from './stage.ts';

export interface PlayIo {
  readonly emit: Emit;
  readonly onStep: (report: StepReport) => void;
  /** Aborts when the play is to end: then no more steps are begun. */
  readonly signal: AbortSignal;
  /** Resolves when the command of `until` has succeeded; runs from the beginning of the play. null: there is none. */
  readonly until: ((signal: AbortSignal) => Promise<void>) | null;
}

/** Between the last preparation and the first moment. */
const LEAD_MS = 100;
/** How far ahead messages are made, in time and in number. */
const AHEAD_MS = 2000;
const AHEAD_MOST = 64;
/** The longest that a timer of Node.js waits is a little more than 2³¹ ms. */
const SLEEP_MOST_MS = 2 ** 30;

/**
 * Plays a timeline on a stage, and leaves the links as they were found, however it ends. What the kernel refuses is in the report.
 * Throws what observing the lab again throws; then the links are as the last step has left them.
 */
export async function perform(stage: Stage, hands: Hands, io: PlayIo): Promise<PlayReport> {
  // Until the beginning, from which on each moment takes the lab for itself.
  using opening = await hands.take();
  await using player = new PlayerThread();
  await player.ready();
  await writeParked(stage.ground.lab, everParked(stage));
  const run = new Performance(stage, hands, player, io);
  setTimeout(() => opening[Symbol.dispose](), LEAD_MS);
  let error: unknown = null;
  const end = await run.play().catch((thrown: unknown): PlayEnd => {
    error = thrown;
    return 'failed';
  });
  const lastedMs = Math.max(0, monotonicMs() - run.startMs);
  using _turn = await hands.take();
  const { links, failures } = await restore(stage, hands, end !== 'failed', (event) => {
    if (event.type === 'failure') io.emit(event);
  });
  if (error !== null) throw error;
  const { lab } = stage.ground;
  return { lab, end, steps: run.steps, lastedMs, restored: links, failures: [...run.failures, ...failures] };
}

class Performance {
  readonly startMs = monotonicMs() + LEAD_MS;
  readonly failures: Failure[] = [];
  steps = 0;
  readonly #stage: Stage;
  readonly #hands: Hands;
  readonly #player: PlayerThread;
  readonly #io: PlayIo;
  /** Aborts when nothing more is to be begun. */
  readonly #over = new AbortController();
  #end: PlayEnd | null = null;
  /** Cues that the thread has not answered. */
  readonly #open = new Set<Promise<void>>();
  #error: unknown = null;

  constructor(stage: Stage, hands: Hands, player: PlayerThread, io: PlayIo) {
    this.#stage = stage;
    this.#hands = hands;
    this.#player = player;
    this.#io = io;
  }

  /** Resolves when nothing is under way any more. Rejects if the thread has ended, or `until` could not be tried. */
  async play(): Promise<PlayEnd> {
    const { signal, until } = this.#io;
    const interrupted = (): void => this.#finish('interrupted');
    signal.addEventListener('abort', interrupted, { once: true });
    if (signal.aborted) interrupted();
    const tried = until?.(this.#over.signal).then(
      () => this.#finish('until'),
      (error: unknown) => this.#break(error),
    );
    try {
      await this.#feed();
      this.#finish('finished');
      await tried;
    } finally {
      signal.removeEventListener('abort', interrupted);
      this.#over.abort();
      this.#player.stop();
      await Promise.all(this.#open);
    }
    if (this.#error !== null) throw this.#error;
    return this.#end ?? 'finished';
  }

  async #feed(): Promise<void> {
    const { timeline, ground, cast, kinds, parked } = this.#stage;
    const preparer = new Preparer(ground, cast, kinds, parked);
    for (const moment of momentsOf(timeline, (step) => cast.idsOf(step))) {
      await this.#room(this.startMs + moment.atMs);
      if (this.#end !== null) return;
      await this.#cue(preparer.prepare(moment));
    }
    const endMs = endOf(timeline);
    if (endMs !== null) await this.#sleepUntil(this.startMs + endMs);
    await Promise.all(this.#open);
  }

  /** Waits until it is time to prepare what is due at `dueMs`. */
  async #room(dueMs: number): Promise<void> {
    await this.#sleepUntil(dueMs - (this.#hands.aheadMs ?? AHEAD_MS));
    while (this.#open.size >= AHEAD_MOST && this.#end === null) await Promise.race(this.#open);
  }

  async #sleepUntil(timeMs: number): Promise<void> {
    for (;;) {
      const leftMs = timeMs - monotonicMs();
      if (leftMs <= 0 || this.#over.signal.aborted) return;
      await sleep(Math.min(leftMs, SLEEP_MOST_MS), undefined, { signal: this.#over.signal }).catch(() => {});
    }
  }

  async #cue(prepared: Prepared): Promise<void> {
    const turn = await this.#hands.take();
    const dueMs = this.startMs + prepared.moment.atMs;
    const told: Promise<void> = this.#player
      .cue(dueMs, prepared.jobs)
      .then(
        (report) => this.#tell(prepared, report),
        (error: unknown) => this.#break(error),
      )
      .finally(() => {
        turn[Symbol.dispose]();
        this.#open.delete(told);
      });
    this.#open.add(told);
  }

  #tell({ moment, jobs, links }: Prepared, report: CueReport): void {
    if (report.isSkipped) return;
    this.steps++;
    const place = spokenPlaces(this.#stage.ground.network?.nodes ?? []);
    const failures = report.failures.flatMap(({ job: at, failure }): readonly Failure[] => {
      const job = jobs[at];
      if (job === undefined) return [];
      const { ns, ops } = job;
      return [failureOf(failure, subjectOf(failure.op === null ? ops[0] : ops[failure.op], ns, place), ns, place)];
    });
    this.failures.push(...failures);
    for (const failure of failures) this.#io.emit({ type: 'failure', failure });
    this.#io.onStep(reportOf(moment, links, report, this.startMs, failures));
    if (failures.length > 0) this.#finish('failed');
  }

  #break(error: unknown): void {
    this.#error ??= error;
    this.#finish('failed');
  }

  /** The first reason counts. */
  #finish(end: PlayEnd): void {
    this.#end ??= end;
    if (end !== 'finished') this.#player.stop();
    this.#over.abort();
  }
}

function reportOf(
  { step, name, round, atMs, change }: Moment,
  links: readonly string[],
  { firstMs, lastMs }: CueReport,
  startMs: number,
  failures: readonly Failure[],
): StepReport {
  const since = (timeMs: number | null): number | null => (timeMs === null ? null : timeMs - startMs);
  const times = { wantedMs: atMs, firstMs: since(firstMs), lastMs: since(lastMs) };
  return { step, name, round, change, links, ...times, failures };
}
