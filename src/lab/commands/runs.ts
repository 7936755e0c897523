/** Starts the commands of a lab, reports their ends, and records them for `status`. No pass waits for them. */
import { diagnosticOf } from '../../errors.ts';
import type { CommandReport, Emit, Failure } from '../../events.ts';
import { argvOf, type CommandEnd, type Runner, type Started } from '../../runtime/command.ts';
import { CommandOutput } from '../../runtime/command-output.ts';
import { commandMark, isInNetns, isRunning } from '../../runtime/process.ts';
import type { CommandSpec, Selector } from '../../topology/topology.ts';
import { verb } from '../../verb-names.ts';
import { type CommandNode, firstProcessOf, namespaceOf } from './command-node.ts';
import { signalGroup } from './end.ts';
import type { CommandHold } from './hold.ts';
import { inTurn, NEVER_BEGUN, type Turn } from './in-turn.ts';
import { type CommandEntry, keyOf, readRecord, reportOf, writeRecord } from './record.ts';

/** New output is recorded after this time. */
const SAVE_PAUSE_MS = 1000;

/**
 * Whose commands run one after another: those of entries of `nodes:`, as other tools have it. Others run side by side, as conlink's
 * do.
 */
const IN_ORDER: Readonly<Record<Selector['kind'], boolean>> = {
  ...{ service: false, container: false, netns: false, host: false },
  node: true,
};

interface Run {
  entry: CommandEntry;
  readonly output: CommandOutput | null;
  readonly started: Turn | null;
  /** Resolves once its end is known and told. */
  readonly done: Promise<void>;
}

export interface RunsOptions {
  readonly emit: Emit;
  /** null: nothing is recorded. */
  readonly lab: string | null;
  /** How a command that failed is reported. A failure makes `up` fail; a daemon warns and goes on. */
  readonly tell: 'failure' | 'warning';
  /** What is begun while it holds waits for its release. Default: nothing ever waits. */
  readonly hold?: CommandHold | undefined;
}

/** Commands that were begun from some time on. */
export interface CommandsBegun {
  readonly reports: readonly CommandReport[];
  readonly failures: readonly Failure[];
  /** Resolves when all of them have ended. */
  ended(): Promise<void>;
}

export class CommandRuns implements AsyncDisposable {
  readonly #options: RunsOptions;
  readonly #runs = new Map<string, Run>();
  readonly #mine = new Set<Run>();
  #isLeft = false;
  #saving: Promise<void> | null = null;
  #saveAgain = false;
  #saveTimer: NodeJS.Timeout | null = null;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** Opens the runs with the record of earlier ones, so that a command that still runs is not started again. */
  static async open(options: RunsOptions): Promise<CommandRuns> {
    const runs = new CommandRuns(options);
    const { entries } = await readRecord(options.lab ?? '');
    for (const entry of entries) {
      runs.#runs.set(keyOf(entry), { entry, output: null, started: null, done: Promise.resolve() });
    }
    return runs;
  }

  /** Begins again those of a node's commands that could not be run the last time, as in a container that was paused. */
  startMissed(node: CommandNode, runner: Runner, commands: readonly CommandSpec[]): void {
    this.#beginAll(node, runner, commands, (key) => Boolean(this.#runs.get(key)?.entry.error));
  }

  /** Whether a command of the node could not be run the last time. */
  hasMissed({ kind, name }: CommandNode): boolean {
    for (const { entry } of this.#runs.values()) {
      if (entry.error !== null && entry.kind === kind && entry.node === name) return true;
    }
    return false;
  }

  /** Whether commands of a container were begun since it has started. */
  hasBegunIn(node: CommandNode): boolean {
    const first = firstProcessOf(node);
    if (first === null) return false;
    return [...this.#runs.values()].some(
      ({ entry: { kind, node: name, within } }) =>
        kind === node.kind && name === node.name && within?.pid === first.pid && within.start === first.start,
    );
  }

  /**
   * Begins the commands of a node; those of an entry of `nodes:` one after another. One that still runs there is left alone, unless
   * `again`; in a namespace that is another one by now it is ended and begun anew. Never waits, never throws.
   */
  start(node: CommandNode, runner: Runner, commands: readonly CommandSpec[], again = false): void {
    const { hold } = this.#options;
    if (hold?.isHeld) return hold.later(() => this.start(node, runner, commands, again));
    if (this.#isLeft) return;
    this.#beginAll(node, runner, commands, (key, argv) => {
      const earlier = this.#runs.get(key);
      const process = earlier?.entry.endedAt === null ? earlier.entry.process : null;
      if (process === null || !isRunning(process)) return true;
      if (!again && (node.kind === 'host' || isInNetns(process.pid, namespaceOf(node)))) {
        this.#options.emit({ type: 'command', state: 'goes on', node: node.name, argv, pid: process.pid });
        return false;
      }
      signalGroup(process, 'SIGTERM');
      return true;
    });
  }

  /** Begins those of a node's commands that are due, in their turns. */
  #beginAll(
    node: CommandNode,
    runner: Runner,
    commands: readonly CommandSpec[],
    isDue: (key: string, argv: readonly string[]) => boolean,
  ): void {
    let last: Promise<void> | null = null;
    for (const [index, { command, selector }] of commands.entries()) {
      const argv = argvOf(command);
      const key = keyOf({ kind: node.kind, node: node.name, index, argv });
      if (!isDue(key, argv)) continue;
      const inOrder = IN_ORDER[selector.kind];
      const done = this.#begin(key, node, runner, { argv, index }, inOrder ? last : null);
      if (inOrder) last = done;
    }
    this.#save();
  }

  /** The commands that this run started and that have not ended. */
  get running(): readonly CommandReport[] {
    const begun = [...this.#mine].filter(({ started }) => started?.isBegun !== false);
    return begun.map((run) => reportOf(this.#entryOf(run), true)).filter(({ state }) => state === 'running');
  }

  /** The commands that this run started, in order. */
  get reports(): readonly CommandReport[] {
    return [...this.#mine].map((run) => reportOf(this.#entryOf(run), true));
  }

  /** The failures of commands that this run started. */
  get failures(): readonly Failure[] {
    return [...this.#mine].flatMap(({ entry }) => failureOf(entry) ?? []);
  }

  /** Those that are begun from now on. */
  fromNow(): CommandsBegun {
    const before = new Set(this.#mine);
    const begun = (): Run[] => [...this.#mine].filter((run) => !before.has(run));
    const reports = (): CommandReport[] => begun().map((run) => reportOf(this.#entryOf(run), true));
    return {
      ended: async () => {
        await Promise.all(begun().map(({ done }) => done));
      },
      get reports() {
        return reports();
      },
      get failures() {
        return begun().flatMap(({ entry }) => failureOf(entry) ?? []);
      },
    };
  }

  /** Resolves when all that was begun has ended, or the signal aborts. */
  async allEnded(signal: AbortSignal | null): Promise<void> {
    const ended = Promise.all([...this.#mine].map(({ done }) => done));
    if (signal === null) {
      await ended;
      return;
    }
    let onAbort = (): void => {};
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) resolve();
    });
    await Promise.race([ended, aborted]);
    signal.removeEventListener('abort', onAbort);
  }

  /** Stops listening; running commands go on. A second call does nothing, since the lab and its record may be gone by then. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isLeft) return;
    this.#isLeft = true;
    for (const run of this.#mine) {
      run.started?.leave();
      if (run.started?.isBegun === false)
        run.entry = { ...run.entry, ...NEVER_BEGUN, endedAt: new Date().toISOString() };
    }
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    if (this.#mine.size > 0) this.#save();
    while (this.#saving !== null) await this.#saving;
  }

  /** `after`: what ends before the command is begun. Resolves when its end is known. */
  #begin(
    key: string,
    node: CommandNode,
    runner: Runner,
    what: { argv: readonly string[]; index: number },
    after: Promise<void> | null,
  ): Promise<void> {
    const { emit, lab } = this.#options;
    const output = new CommandOutput((text) => {
      if (!this.#isLeft) emit({ type: 'commandOutput', node: node.name, text });
    });
    const target = { id: node.id ?? namespaceOf(node), mark: commandMark(lab ?? '', node.name) };
    const started = inTurn(after, () => {
      emit({ type: 'command', state: 'started', node: node.name, argv: what.argv, pid: null });
      const begun = runner.start(target, what.argv, (stream, bytes) => {
        output.push(stream, bytes);
        this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_PAUSE_MS).unref();
      });
      if (after !== null) this.#begun(key, begun.process);
      return begun;
    });
    const run: Run = {
      entry: {
        ...{ kind: node.kind, node: node.name, ...what, process: started.process },
        within: firstProcessOf(node),
        ...{ status: null, signal: null, error: null, output: [] },
        ...{ startedAt: new Date().toISOString(), endedAt: null },
      },
      output,
      started,
      done: started.ended.then((end) => {
        if (this.#runs.get(key) === run) this.#ended(run, end);
      }),
    };
    this.#supersede(this.#runs.get(key));
    this.#runs.set(key, run);
    this.#mine.add(run);
    return run.done;
  }

  /** The turn of a command has come. */
  #begun(key: string, process: Started['process']): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    run.entry = { ...run.entry, process, startedAt: new Date().toISOString() };
    this.#save();
  }

  /** Drops a run whose place another run of the same command takes. */
  #supersede(run: Run | undefined): void {
    if (run === undefined) return;
    this.#mine.delete(run);
    run.started?.leave();
  }

  #ended(run: Run, end: CommandEnd): void {
    if (this.#isLeft) return;
    run.output?.end();
    run.entry = { ...run.entry, ...end, endedAt: new Date().toISOString() };
    const failure = failureOf(run.entry);
    if (failure !== null) this.#tell(run.entry, failure);
    this.#save();
  }

  #tell({ node, argv }: CommandEntry, failure: Failure): void {
    const { emit, tell } = this.#options;
    if (tell === 'failure') return emit({ type: 'failure', failure });
    const what = failure.message.slice(`command ${JSON.stringify(argv)} `.length);
    const message = `command in ${node} ${what}: ${JSON.stringify(argv)}`;
    emit({ type: 'diagnostic', diagnostic: diagnosticOf('command-failed', message) });
  }

  #entryOf({ entry, output }: Run): CommandEntry {
    return output === null ? entry : { ...entry, output: output.tail() };
  }

  /** Writes the record. Only one write runs at a time; changes that come meanwhile are in the next one. */
  #save(): void {
    const { lab, emit } = this.#options;
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    if (lab === null || this.#mine.size === 0) return;
    this.#saveAgain = this.#saving !== null;
    if (this.#saveAgain) return;
    const entries = [...this.#runs.values()].map((run) => this.#entryOf(run));
    this.#saving = writeRecord(lab, entries)
      .catch((error: Error) =>
        emit({ type: 'detail', message: `${verb('status')} will not know the commands: ${error.message}` }),
      )
      .finally(() => {
        this.#saving = null;
        if (this.#saveAgain) this.#save();
      });
  }
}

/** The failure of a command; null: it succeeded, or has not ended. */
function failureOf({ node, argv, status, signal, error }: CommandEntry): Failure | null {
  const how = howItFailed(status, signal, error);
  if (how === null) return null;
  return {
    subject: { kind: 'node', name: node },
    code: 'E_TOOL',
    message: `command ${JSON.stringify(argv)} ${how}`,
    hint: `${verb('up', '--rerun-commands')} runs it again`,
  };
}

function howItFailed(status: number | null, signal: string | null, error: string | null): string | null {
  if (error !== null) return `could not be run: ${error}`;
  if (signal !== null) return `was ended by ${signal}`;
  return status === null || status === 0 ? null : `ended with status ${status}`;
}
