/** The life of one program: begun, seen to end, begun again after a pause that grows, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { identify, isInNetns, isRunning, type ProcessId } from '../runtime/process.ts';
import { logPath } from './files.ts';
import { openLog } from './log-file.ts';
import { endMarked } from './marked.ts';
import { PROGRAM_VARIABLE, type ProgramEnd, type ProgramSpec, type ProgramState, programMark } from './program.ts';

/** The pause before a program is begun again: the first, and the longest. It doubles each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** What has run for so long begins with the first pause again. */
const SETTLED_MS = 10_000;
/** A program that another supervisor has begun is nobody's child here: it is looked at. */
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
  #timer: NodeJS.Timeout | null = null;
  /** Counts beginnings, so that what is heard of an earlier one is not taken for this one's. */
  #turn = 0;

  /** `known`: from an earlier supervisor; what of it still runs in that namespace is taken over. `onChange`: the state is another now. */
  constructor(lab: string, spec: ProgramSpec, known: ProgramState | null, onChange: () => void) {
    this.#lab = lab;
    this.spec = spec;
    this.#onChange = onChange;
    this.#restarts = known?.restarts ?? 0;
    this.#lastEnd = known?.lastEnd ?? null;
    this.#process = known?.process ?? null;
    if (this.#process !== null) this.#watch(this.#process);
  }

  get state(): ProgramState {
    return { spec: this.spec, process: this.#process, restarts: this.#restarts, lastEnd: this.#lastEnd };
  }

  /** Whether it runs, in the namespace that has the name now. */
  get isInPlace(): boolean {
    return this.#process !== null && isRunning(this.#process) && isInNetns(this.#process.pid, this.spec.netns);
  }

  /** Whether it has ended, and is not to be begun again by itself. */
  get isOver(): boolean {
    return this.#process === null && this.#lastEnd !== null && !this.#isToRun(this.#lastEnd);
  }

  /** Begins it now. As `ip netns exec` does, it sees /sys of the namespace, and /etc/netns/NAME over /etc (ip-netns(8)). */
  begin(): void {
    this.#stopWaiting();
    const turn = ++this.#turn;
    this.#begunMs = performance.now();
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
        env: { ...process.env, ...this.spec.env, [PROGRAM_VARIABLE]: programMark(this.#lab, this.spec) },
      });
      this.#process = child.pid === undefined ? null : identify(child.pid);
      this.#listen(child, turn);
    } finally {
      closeSync(fd);
    }
  }

  /** Ends it for good, with all that it has started. */
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
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
    }
    this.#onChange();
  }

  /** What it has left running would be in the way of the next one. */
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
  }
}
