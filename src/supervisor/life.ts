/** Runs one program: starts it, notices its end, restarts it after growing pauses, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { identify, isInNetns, isRunning, type ProcessId } from '../runtime/process.ts';
import { logPath } from './files.ts';
import { openLog } from './log-file.ts';
import { endMarked } from './marked.ts';
import { PROGRAM_VARIABLE, type ProgramEnd, type ProgramSpec, type ProgramState, programMark } from './program.ts';

/** The first and the longest pause before a restart. The pause doubles each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A program that has run for this long has the first pause again. */
const SETTLED_MS = 10_000;
/** Time between two looks at a program that an earlier supervisor started. It is no child of this process, so its end is not reported. */
const LOOK_MS = 250;

export class Life {
  readonly spec: ProgramSpec;
  readonly #lab: string;
  readonly #onChange: () => void;
  #process: ProcessId | null;
  #restarts: number;
  #lastEnd: ProgramEnd | null;
  #pauseMs = FIRST_PAUSE_MS;
  #begunMs = 0;
  #begunAt: string | null;
  #restartsAt: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Counts starts, so that an event of an earlier start is recognised. */
  #turn = 0;

  /**
   * `known`: the state from an earlier supervisor; a process that still runs in that namespace is taken over. `onChange` is
   * called when the state has changed.
   */
  constructor(lab: string, spec: ProgramSpec, known: ProgramState | null, onChange: () => void) {
    this.#lab = lab;
    this.spec = spec;
    this.#onChange = onChange;
    this.#restarts = known?.restarts ?? 0;
    this.#lastEnd = known?.lastEnd ?? null;
    this.#process = known?.process ?? null;
    this.#begunAt = known?.begunAt ?? null;
    if (this.#process !== null) this.#watch(this.#process);
  }

  get state(): ProgramState {
    return {
      ...{ spec: this.spec, process: this.#process, restarts: this.#restarts, lastEnd: this.#lastEnd },
      ...{ begunAt: this.#begunAt, restartsAt: this.#restartsAt },
    };
  }

  /** Whether the program runs in the namespace that has the name now. */
  get isInPlace(): boolean {
    return this.#process !== null && isRunning(this.#process) && isInNetns(this.#process.pid, this.spec.netns);
  }

  /** Whether the program has ended and is not restarted automatically. */
  get isOver(): boolean {
    return this.#process === null && this.#lastEnd !== null && !this.#isToRun(this.#lastEnd);
  }

  /** Starts the program now. As with `ip netns exec`, it sees the namespace's /sys, and /etc/netns/NAME over /etc (ip-netns(8)). */
  begin(): void {
    this.#stopWaiting();
    const turn = ++this.#turn;
    this.#begunMs = performance.now();
    this.#begunAt = new Date().toISOString();
    try {
      this.#spawn(turn);
    } catch (error) {
      this.#ended(turn, { status: null, signal: null, error: (error as Error).message });
    }
    this.#onChange();
  }

  #spawn(turn: number): void {
    const fd = openLog(logPath(this.#lab, this.spec));
    try {
      const child = spawn('ip', ['netns', 'exec', this.spec.netns, ...this.spec.argv], {
        stdio: ['ignore', fd, fd],
        detached: true,
        cwd: '/',
        env: {
          ...process.env,
          ...{ LINKLOOM_LAB: this.#lab, LINKLOOM_NODE: this.spec.node },
          ...{ ...this.spec.env, [PROGRAM_VARIABLE]: programMark(this.#lab, this.spec) },
        },
      });
      this.#process = child.pid === undefined ? null : identify(child.pid);
      this.#listen(child, turn);
    } finally {
      closeSync(fd);
    }
  }

  /** Ends the program for good, with all processes that it has started. */
  async end(): Promise<void> {
    this.#stopWaiting();
    this.#turn += 1;
    const leader = this.#process;
    await endMarked(programMark(this.#lab, this.spec), leader);
    this.#process = null;
  }

  #listen(child: ChildProcess, turn: number): void {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no `ip` in PATH' : error.message;
      this.#ended(turn, { status: null, signal: null, error: why });
    });
    child.once('exit', (status, signal) => this.#ended(turn, { status, signal, error: null }));
  }

  #watch(known: ProcessId): void {
    const turn = ++this.#turn;
    this.#begunMs = performance.now();
    this.#timer = setInterval(() => {
      if (isRunning(known)) return;
      this.#stopWaiting();
      this.#ended(turn, { status: null, signal: null, error: null });
    }, LOOK_MS);
  }

  #ended(turn: number, end: Omit<ProgramEnd, 'at'>): void {
    if (turn !== this.#turn) return;
    this.#turn += 1;
    this.#process = null;
    this.#lastEnd = { ...end, at: new Date().toISOString() };
    if (this.#isToRun(end)) {
      if (performance.now() - this.#begunMs >= SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
      this.#timer = setTimeout(() => void this.#again(), this.#pauseMs);
      this.#restartsAt = new Date(Date.now() + this.#pauseMs).toISOString();
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
    }
    this.#onChange();
  }

  /** Restarts the program. Processes that it left are ended first, since they could be in the way. */
  async #again(): Promise<void> {
    const turn = this.#turn;
    await endMarked(programMark(this.#lab, this.spec));
    if (turn !== this.#turn) return;
    this.#restarts += 1;
    this.begin();
  }

  #isToRun({ status }: Pick<ProgramEnd, 'status'>): boolean {
    const { restart } = this.spec;
    return restart === 'always' || (restart === 'on-failure' && status !== 0);
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#restartsAt = null;
  }
}
