/** Runs the programs of a lab. Requests are handled one after the other. */
import { identify, isRunning } from '../runtime/process.ts';
import { logPath, readState, removeFiles, writeState } from './files.ts';
import { Life } from './life.ts';
import { LOG_MAX_BYTES, rotateLog } from './log-file.ts';
import { endProcesses, markedProcesses } from './marked.ts';
import { keyOf, type ProgramSpec, programMark, type Request, type SupervisorState } from './program.ts';

/** Time between two checks of the logs' lengths. */
const ROTATE_MS = 500;

export class Supervisor {
  readonly lab: string;
  readonly #lives = new Map<string, Life>();
  #work: Promise<void> = Promise.resolve();
  #isEnding = false;

  private constructor(lab: string) {
    this.lab = lab;
  }

  /** Starts a supervisor, which takes over programs that an earlier one left running. Throws if another supervisor runs. */
  static async start(lab: string): Promise<Supervisor> {
    const state = readState(lab);
    if (state !== null && state.supervisor.pid !== process.pid && isRunning(state.supervisor)) {
      throw new Error(`the process ${state.supervisor.pid} is the supervisor of the lab ${lab}`);
    }
    const supervisor = new Supervisor(lab);
    await supervisor.#takeOver(state);
    setInterval(() => supervisor.#rotate(), ROTATE_MS);
    return supervisor;
  }

  /** Handles a request after all earlier ones. */
  async handle(request: Request): Promise<void> {
    const done = this.#work.then(() => this.#do(request));
    this.#work = done.catch(() => {});
    await done;
  }

  async #do(request: Request): Promise<void> {
    if (this.#isEnding) throw new Error('the supervisor is ending');
    if (request.ask === 'apply') await this.#apply(request.programs);
    else if (request.ask === 'restart') await this.#restart(request.node);
    else await this.#end();
  }

  async #takeOver(state: SupervisorState | null): Promise<void> {
    for (const known of state?.programs ?? []) {
      const runs = known.process !== null && isRunning(known.process);
      this.#lives.set(keyOf(known.spec), this.#lifeOf(known.spec, { ...known, process: runs ? known.process : null }));
    }
    // A program may have been started by a supervisor that was killed before it could record that.
    const alive = [...this.#lives.values()].filter((life) => life.state.process !== null);
    const kept = new Set(
      alive.flatMap(({ spec }) => markedProcesses(programMark(this.lab, spec)).map(({ pid }) => pid)),
    );
    await endProcesses(markedProcesses(`${this.lab} `).filter(({ pid }) => !kept.has(pid)));
    this.#save();
  }

  async #apply(programs: readonly ProgramSpec[]): Promise<void> {
    const wanted = new Map(programs.map((spec) => [keyOf(spec), spec]));
    const goes = [...this.#lives].filter(([key, life]) => !isSame(wanted.get(key), life.spec));
    await Promise.all(goes.map(([, life]) => life.end()));
    for (const [key] of goes) this.#lives.delete(key);
    await Promise.all([...wanted].map(([key, spec]) => this.#bring(key, spec)));
    this.#save();
  }

  /**
   * Makes one program run. A program that ended for good stays ended. One in a namespace that has lost its name is restarted
   * in the namespace that has the name now.
   */
  async #bring(key: string, spec: ProgramSpec): Promise<void> {
    const known = this.#lives.get(key);
    if (known === undefined) {
      const life = this.#lifeOf(spec, null);
      this.#lives.set(key, life);
      life.begin();
    } else if (known.state.process === null) {
      if (!known.isOver) known.begin();
    } else if (!known.isInPlace) {
      await known.end();
      known.begin();
    }
  }

  async #restart(node: string): Promise<void> {
    const lives = [...this.#lives.values()].filter(({ spec }) => spec.node === node);
    await Promise.all(lives.map((life) => life.end()));
    for (const life of lives) life.begin();
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#lives.values()].map((life) => life.end()));
    this.#lives.clear();
    removeFiles(this.lab);
  }

  #lifeOf(spec: ProgramSpec, known: Parameters<typeof newLife>[2]): Life {
    return newLife(this.lab, spec, known, () => this.#save());
  }

  #save(): void {
    const supervisor = identify(process.pid);
    if (this.#isEnding || supervisor === null) return;
    const programs = [...this.#lives.values()].map(({ state }) => state);
    try {
      writeState(this.lab, { schemaVersion: 1, supervisor, programs });
    } catch (error) {
      process.emitWarning(`the state is not written: ${(error as Error).message}`);
    }
  }

  #rotate(): void {
    for (const { spec } of this.#lives.values()) {
      try {
        rotateLog(logPath(this.lab, spec), LOG_MAX_BYTES);
      } catch (error) {
        process.emitWarning(`the log of ${spec.name} in ${spec.node} is not cut: ${(error as Error).message}`);
      }
    }
  }
}

function newLife(...args: ConstructorParameters<typeof Life>): Life {
  return new Life(...args);
}

function isSame(a: ProgramSpec | undefined, b: ProgramSpec): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
