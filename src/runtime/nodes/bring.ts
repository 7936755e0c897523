/**
 * Brings the containers of a lab from what is there to what is described. It makes those that are missing, starts those that have
 * stopped, and replaces those that were made from another definition. It yields each container as soon as it runs, so that the caller
 * can link it while others still start.
 */
import { availableParallelism } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import type { ContainerDefinition } from '../../topology/nodes/definition.ts';
import { wordsOf } from '../engine-words.ts';
import { Limiter } from './limiter.ts';
import type { Created, NodeContainer, NodeRuntime, PullProgress, Surroundings } from './node-runtime.ts';
import { nodeFailure } from './refused.ts';

/**
 * How many containers are made at a time: two per processor. dockerd 20.10 on two of them takes 205 ms a container with 2 at once, 185
 * with 3, 202 with 4, 247 with 8 and 277 with 16 (busybox, measured); more than that only wait for each other.
 */
const AT_ONCE = Math.max(2, Math.min(16, 2 * availableParallelism()));
/** How many images are pulled at a time. A pull mostly waits for the network. */
const PULLS_AT_ONCE = 4;

/** What was done so that a node runs. */
export type Doing = 'unchanged' | 'started' | 'created' | 'recreated';

export type NodeOutcome =
  | {
      readonly state: 'running';
      readonly definition: ContainerDefinition;
      readonly id: string;
      /** On this machine. */
      readonly pid: number;
      readonly done: Doing;
      /** The id of the container that it replaces; null: there was none. */
      readonly replaced: string | null;
      /** The engine's warnings about what it could not apply. */
      readonly warnings: readonly string[];
    }
  | { readonly state: 'failed'; readonly definition: ContainerDefinition; readonly error: LinkloomError }
  /** The signal aborted before the container was started. It may have been made. */
  | { readonly state: 'skipped'; readonly definition: ContainerDefinition };

export interface BringOptions {
  readonly around: (definition: ContainerDefinition) => Surroundings;
  /** Resolves when a node may be started; its container is made before. Rejects with the reason if it can never be started. */
  readonly mayStart?: (definition: ContainerDefinition) => Promise<void>;
  readonly onPull: (progress: PullProgress & { readonly state: 'begun' | 'goes on' | 'done' }) => void;
  readonly signal: AbortSignal | null;
}

/**
 * Brings the containers up, in the given order unless one has to wait for another. A container that an interrupted run made and did not
 * start is used. A container that fails is an outcome, and the others go on. Throws E_ENGINE if the engine does not answer.
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

/** Yields outcomes in the order in which they are pushed, until it has yielded `count` of them. */
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

/** A container that exists and is to be started. */
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

  /** Makes the container, after removing the one that it replaces. null: the signal aborted before. */
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

  /** Pulls an image unless the engine has it. Nodes that want the same image share one pull. */
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

/** States in which the container has a process. */
const RUNS: ReadonlySet<NodeContainer['state']> = new Set(['running', 'paused']);
/** States in which the container can't be started any more, so that it has to be replaced. */
const UNFIT: ReadonlySet<NodeContainer['state']> = new Set(['dead', 'removing']);

/** Turns an error into the failure of this node. An image that can't be pulled fails each node that wants it. */
function asFailure({ name }: ContainerDefinition, error: unknown): LinkloomError {
  if (!(error instanceof LinkloomError)) return nodeFailure(name, wordsOf(error), null, error);
  if (error.code !== 'E_NODE_FAILED' || error.where === name) return error;
  return nodeFailure(name, error.message, error.hint ?? null, error);
}
