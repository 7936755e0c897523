/**
 * `asked/` is what others can ask of a running daemon; the API (src/api/) passes it on. Passes and what is asked take turns.
 *
 * This file: all of it, as an interface, and what stands behind it.
 */
import { LinkloomError } from '../../errors.ts';
import type { Emit, Failure, Summary } from '../../events.ts';
import type { CommandRuns, CommandsBegun } from '../../lab/commands/runs.ts';
import type { EventLog } from '../../lab/live/log.ts';
import type { Reconciled } from '../../lab/pipeline.ts';
import type { Session } from '../../lab/session.ts';
import type { Tally } from '../../lab/tally.ts';
import type { Controls } from '../loop.ts';
import type { Reload } from '../reload/reload.ts';
import { type Condition, NOT_YET } from './condition.ts';
import type { LookOver } from './lookovers.ts';
import { Plays } from './plays.ts';
import { Turns } from './turns.ts';

export interface LabControl {
  readonly lab: string;
  /** `daemon` removes its lab at its end, `up --watch` leaves it. */
  readonly atEnd: 'remove' | 'leave';
  /** What happens to the lab. */
  readonly log: EventLog;
  /** Takes what is to be told of what others ask. */
  readonly emit: Emit;
  /** The session of the configuration in use. */
  session(): Session;
  condition(): Condition;
  /**
   * Reads the files of the configuration now, if the daemon follows them. Resolves with the session of what they say, to be given to
   * `adoptFor`. Throws E_CONFIG, after which the lab stays as it was, and what `check` throws: then the daemon does what it does
   * where nobody asks.
   */
  read(check: (session: Session) => void): Promise<Session>;
  /** As `Adopt`. */
  adoptFor(session: Session, tally: Tally): Promise<readonly Failure[]>;
  /** As `Controls.lookOver`. */
  lookOver(wanted: LookOver): Promise<void>;
  /** Calls `listener` with each pass that is carried out from now on, until the result is disposed of. */
  observe(listener: (reconciled: Reconciled) => void): Disposable;
  /** The commands that are begun from now on. */
  commandsFromNow(): CommandsBegun;
  /** Runs `work`, which changes links, between two passes. */
  between<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work`, which changes nothing, between two passes, or beside a play. */
  looking<T>(work: (session: Session) => Promise<T>): Promise<T>;
  readonly plays: Plays;
  /** Removes the lab and ends the daemon. Resolves with what was removed when the lab is free for others. Throws E_INTERRUPTED. */
  end(): Promise<Summary>;
}

/**
 * Has the loop use a session, between two passes, and makes its nodes. Resolves with what kept them all from being made. What becomes
 * of each is in `tally`. Must be followed by a pass over the whole lab. If the daemon ends first, it resolves with nothing.
 */
export type Adopt = (session: Session, tally?: Tally) => Promise<readonly Failure[]>;

/** What of the daemon can be asked once its loop runs. */
export interface Attended extends Pick<Controls, 'lookOver' | 'condition' | 'wholePassMs'> {
  readonly adopt: Adopt;
  /** As `Reload.now`; the session in use where the files are not followed. */
  readonly read: Reload['now'];
}

interface Behind extends Pick<LabControl, 'atEnd' | 'log' | 'emit'> {
  readonly runs: CommandRuns;
  readonly session: Session;
}

export class Control implements LabControl {
  readonly lab: string;
  readonly atEnd: LabControl['atEnd'];
  readonly log: EventLog;
  readonly emit: Emit;
  readonly turns = new Turns();
  readonly plays: Plays;
  readonly #runs: CommandRuns;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<(reconciled: Reconciled) => void>();
  readonly #whenAttended: Promise<Attended>;
  #attend: (attended: Attended) => void = () => {};
  #attended: Attended | null = null;
  #session: Session;
  readonly #ended: Promise<Summary>;
  #settle: (removed: Summary | null) => void = () => {};
  #removed: Summary | null = null;

  constructor({ atEnd, session, log, emit, runs }: Behind) {
    this.#runs = runs;
    this.lab = session.topology.lab;
    this.atEnd = atEnd;
    this.log = log;
    this.emit = emit;
    this.#session = session;
    this.plays = new Plays(this);
    this.#whenAttended = new Promise((resolve) => {
      this.#attend = resolve;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = (removed) => (removed === null ? reject(notRemoved(this.lab)) : resolve(removed));
    });
    this.#ended.catch(() => {});
  }

  /** Aborts when somebody asks the daemon to end. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  session(): Session {
    return this.#session;
  }

  /** The loop uses this session from now on. */
  adopt(session: Session): void {
    this.#session = session;
  }

  /** The loop runs. */
  attend(attended: Attended): void {
    this.#attended = attended;
    this.#attend(attended);
  }

  condition(): Condition {
    return this.#attended?.condition() ?? NOT_YET;
  }

  async read(check: (session: Session) => void): Promise<Session> {
    const { read, adopt } = await this.#whenAttended;
    const { session, isSame } = await read();
    try {
      check(session);
      return session;
    } catch (error) {
      if (!isSame) void adopt(session);
      throw error;
    }
  }

  async adoptFor(session: Session, tally: Tally): Promise<readonly Failure[]> {
    return await (await this.#whenAttended).adopt(session, tally);
  }

  async lookOver(wanted: LookOver): Promise<void> {
    await (await this.#whenAttended).lookOver(wanted);
  }

  observe(listener: (reconciled: Reconciled) => void): Disposable {
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
      },
    };
  }

  reconciled(reconciled: Reconciled): void {
    for (const listener of this.#listeners) listener(reconciled);
  }

  commandsFromNow(): CommandsBegun {
    return this.#runs.fromNow();
  }

  between<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.turns.take(() => work(this.#session));
  }

  looking<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.turns.look(() => work(this.#session));
  }

  wholePassMs(): number {
    return this.#attended?.wholePassMs() ?? 0;
  }

  async end(): Promise<Summary> {
    this.#ending.abort();
    return await this.#ended;
  }

  /** The lab has been taken away. */
  removed(summary: Summary): void {
    this.#removed = summary;
  }

  /** The daemon has left the lab: who has asked for that is told. */
  left(): void {
    this.#settle(this.#removed);
  }
}

function notRemoved(lab: string): LinkloomError {
  return new LinkloomError('E_INTERRUPTED', `the daemon of lab ${lab} has ended without removing it`);
}
