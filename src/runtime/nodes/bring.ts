/**
 * The containers of a lab, from what is there to what is described: those that are missing are made, those that stand still are started,
 * those of another definition are made anew. Each is told as soon as it runs, so that it can be linked while others still start.
 */
import { availableParallelism } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import type { ContainerDefinition } from '../../topology/nodes/definition.ts';
import { wordsOf } from '../engine-words.ts';
import { Limiter } from './limiter.ts';
import type { Created, NodeContainer, NodeRuntime, PullProgress, Surroundings } from './node-runtime.ts';
import { nodeFailure } from './refused.ts';

/**
 * Containers in the making at once: twice the processors. dockerd 20.10 on two of them takes 205 ms a container with 2 at once, 185
 * with 3, 202 with 4, 247 with 8 and 277 with 16 (busybox, measured); more only wait for each other.
 */
const AT_ONCE = Math.max(2, Math.min(16, 2 * availableParallelism()));
/** Most of the time of a pull is the network's. */
const PULLS_AT_ONCE = 4;

/** What was done for a node that runs now. */
export type Doing = 'unchanged' | 'started' | 'created' | 'recreated';

export type NodeOutcome =
  | {
      readonly state: 'running';
      readonly definition: ContainerDefinition;
      readonly id: string;
      /** On this machine. */
      readonly pid: number;
      readonly done: Doing;
      /** The container that it takes the place of; null: none. */
      readonly replaced: string | null;
      /** What the engine could not apply, in its own words. */
      readonly warnings: readonly string[];
    }
  | { readonly state: 'failed'; readonly definition: ContainerDefinition; readonly error: LinkloomError }
  /** Nothing was begun for it, or it was left half way: the signal came first. */
  | { readonly state: 'skipped'; readonly definition: ContainerDefinition };

export interface BringOptions {
  readonly around: (definition: ContainerDefinition) => Surroundings;
  /** Resolves when a node may be started, which is made already by then; rejects with why it can't be. */
  readonly mayStart?: (definition: ContainerDefinition) => Promise<void>;
  readonly onPull: (progress: PullProgress & { readonly state: 'begun' | 'goes on' | 'done' }) => void;
  readonly signal: AbortSignal | null;
}

/**
 * Brings them up, in their order as far as they need not wait. A container that a killed run has made and not started is taken for what
 * it is. The fault of one is told as its own. Throws E_ENGINE where the engine does not answer at all.
 */
export async function* bringNodes(
  runtime: NodeRuntime,
  lab: string,
  definitions: readonly ContainerDefinition[],
  options: BringOptions,
): AsyncGenerator<NodeOutcome, void, undefined> {
  const there = new Map((await runtime.list(lab)).map((container) => [container.name, container]));
  const bringer = new Bringer(runtime, options);
  const outcomes = new Outcomes(definitions.length);
  for (const definition of definitions) {
    void bringer.bring(definition, there.get(definition.realName) ?? null).then((outcome) => outcomes.push(outcome));
  }
  yield* outcomes;
}

/** As they come, so many of them. */
class Outcomes {
  readonly #come: NodeOutcome[] = [];
  #left: number;
  #wake = (): void => {};

  constructor(count: number) {
    this.#left = count;
  }

  push(outcome: NodeOutcome): void {
    this.#come.push(outcome);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NodeOutcome, void, undefined> {
    for (; this.#left > 0; this.#left--) {
      while (this.#come[0] === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const [outcome] = this.#come.splice(0, 1);
      if (outcome !== undefined) yield outcome;
    }
  }
}

/** A container that is there, and is to run. */
type Standing = Created & Pick<Extract<NodeOutcome, { state: 'running' }>, 'done' | 'replaced'>;

class Bringer {
  readonly #runtime: NodeRuntime;
  readonly #options: BringOptions;
  readonly #work = new Limiter(AT_ONCE);
  readonly #pulls = new Limiter(PULLS_AT_ONCE);
  readonly #images = new Map<string, Promise<void>>();

  constructor(runtime: NodeRuntime, options: BringOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  /** Never rejects. */
  async bring(definition: ContainerDefinition, there: NodeContainer | null): Promise<NodeOutcome> {
    try {
      return (await this.#brought(definition, there)) ?? { state: 'skipped', definition };
    } catch (error) {
      return { state: 'failed', definition, error: asFailure(definition, error) };
    }
  }

  async #brought(definition: ContainerDefinition, there: NodeContainer | null): Promise<NodeOutcome | null> {
    if (there !== null && there.hash === definition.hash && !UNFIT.has(there.state)) {
      const standing = { id: there.id, replaced: null, warnings: [] };
      if (!RUNS.has(there.state)) return await this.#started(definition, { ...standing, done: 'started' });
      const pid = await this.#runtime.pid(there.id);
      return { state: 'running', definition, pid, done: 'unchanged', ...standing };
    }
    await this.#image(definition.image);
    if (this.#isStopped) return null;
    if (this.#options.mayStart !== undefined && definition.waitFor.length > 0) {
      const made = await this.#work.run(() => this.#made(definition, there));
      return made === null ? null : await this.#started(definition, made);
    }
    return await this.#work.run(async () => {
      const made = await this.#made(definition, there);
      return made === null ? null : await this.#running(definition, made);
    });
  }

  /** null: the signal came first. */
  async #made(definition: ContainerDefinition, there: NodeContainer | null): Promise<Standing | null> {
    if (this.#isStopped) return null;
    if (there === null) await this.#refuseStranger(definition);
    else await this.#runtime.remove(there.id);
    const created = await this.#runtime.create(definition, this.#options.around(definition));
    return { ...created, done: there === null ? 'created' : 'recreated', replaced: there?.id ?? null };
  }

  async #started(definition: ContainerDefinition, standing: Standing): Promise<NodeOutcome | null> {
    await this.#options.mayStart?.(definition);
    return await this.#work.run(() => this.#running(definition, standing));
  }

  async #running(definition: ContainerDefinition, standing: Standing): Promise<NodeOutcome | null> {
    if (this.#isStopped) return null;
    return { state: 'running', definition, pid: await this.#runtime.start(standing.id), ...standing };
  }

  async #refuseStranger({ name, realName }: ContainerDefinition): Promise<void> {
    const found = await this.#runtime.find(realName);
    if (found === null) return;
    const whose = found.lab === null ? 'which linkloom did not make' : `which is of the lab ${found.lab}`;
    throw nodeFailure(
      name,
      `there is a container ${realName} (${found.id.slice(0, 12)}), ${whose}`,
      'remove or rename it, or give the lab or the node another name',
    );
  }

  /** Each once, whoever asks for it. */
  #image(image: string): Promise<void> {
    const known = this.#images.get(image);
    if (known) return known;
    const fetched = this.#fetched(image);
    this.#images.set(image, fetched);
    return fetched;
  }

  async #fetched(image: string): Promise<void> {
    if (await this.#runtime.hasImage(image)) return;
    const { onPull, signal } = this.#options;
    await this.#pulls.run(async () => {
      if (this.#isStopped) return;
      let last: PullProgress = { image, doneBytes: 0, totalBytes: 0 };
      onPull({ ...last, state: 'begun' });
      const onProgress = (progress: PullProgress): void => {
        last = progress;
        onPull({ ...progress, state: 'goes on' });
      };
      await this.#runtime.pull(image, onProgress, signal ?? undefined);
      onPull({ ...last, state: 'done' });
    });
  }

  get #isStopped(): boolean {
    return this.#options.signal?.aborted ?? false;
  }
}

/** Of these a process is there. */
const RUNS: ReadonlySet<NodeContainer['state']> = new Set(['running', 'paused']);
/** Of these nothing can be made any more. */
const UNFIT: ReadonlySet<NodeContainer['state']> = new Set(['dead', 'removing']);

/** The fault of an image is told of each node that wants it. */
function asFailure({ name }: ContainerDefinition, error: unknown): LinkloomError {
  if (!(error instanceof LinkloomError)) return nodeFailure(name, wordsOf(error), null, error);
  if (error.code !== 'E_NODE_FAILED' || error.where === name) return error;
  return nodeFailure(name, error.message, error.hint ?? null, error);
}
