/** Implements NodeRuntime with dockerode, for Docker's API, which Podman offers too. Import it lazily, as dockerode loads slowly. */
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type Docker from 'dockerode';
import type { LinkloomError } from '../../errors.ts';
import { type ContainerDefinition, type CopiedFile, NODE_LABEL } from '../../topology/nodes/definition.ts';
import type { EngineKind } from '../engine.ts';
import { statusCodeOf } from '../engine-words.ts';
import { createLineSplitter } from '../event-stream.ts';
import { outputSink } from '../exec.ts';
import { archiveOf } from './archive.ts';
import { answered, EngineCalls, working } from './calls.ts';
import { createBody, FILES_LABEL } from './create-body.ts';
import type {
  Created,
  Health,
  LogOptions,
  NodeContainer,
  NodeRuntime,
  PullProgress,
  Surroundings,
} from './node-runtime.ts';
import { stateOf } from './node-state.ts';
import { PullMeter } from './pull-progress.ts';
import { missingBind, nodeFailure, refusedNode } from './refused.ts';

/** The bit that marks a folder in the modes that engines send (ModeDir of Go's io/fs). */
const GO_MODE_DIR = 2 ** 31;

/** How many lines of its log are quoted if a container ends as soon as it is started. */
const TOLD_LINES = 5;

export class DockerodeNodes implements NodeRuntime {
  readonly kind: EngineKind;
  readonly #calls: EngineCalls;
  readonly #docker: Docker;

  constructor(kind: EngineKind, socketPath: string) {
    this.kind = kind;
    this.#calls = new EngineCalls(kind, socketPath);
    this.#docker = this.#calls.docker;
  }

  async list(lab: string): Promise<readonly NodeContainer[]> {
    const filters = { label: [`${NODE_LABEL.lab}=${lab}`] };
    const found = await this.#calls.ask(this.#docker.listContainers({ all: true, filters, ...answered() }));
    return found.flatMap(({ Id: id, Names: names, Labels: labels, State: state }) => {
      const { [NODE_LABEL.node]: node, [NODE_LABEL.hash]: hash, [FILES_LABEL]: files } = labels ?? {};
      if (labels?.[NODE_LABEL.lab] !== lab || !node) return [];
      return [
        {
          id,
          name: nameOf(names?.[0] ?? ''),
          lab,
          node,
          hash: hash || null,
          files: files || null,
          state: stateOf(state),
        },
      ];
    });
  }

  async find(name: string): Promise<{ readonly id: string; readonly lab: string | null } | null> {
    const found = await this.#calls.inspect(name);
    // The engine also takes the beginning of an id for a name.
    if (found === null || nameOf(found.Name) !== name) return null;
    return { id: found.Id, lab: found.Config.Labels?.[NODE_LABEL.lab] || null };
  }

  async hasImage(image: string): Promise<boolean> {
    try {
      await this.#calls.dial('GET', `/images/${image}/json`, {}, answered());
      return true;
    } catch (error) {
      if (statusCodeOf(error) === 404) return false;
      throw this.#calls.unreachable(error);
    }
  }

  async pull(image: string, onProgress: (progress: PullProgress) => void, signal?: AbortSignal): Promise<void> {
    const meter = new PullMeter(image);
    const split = createLineSplitter();
    const failed = (error: unknown): LinkloomError => refusedNode(image, `cannot pull ${image}`, error);
    try {
      const options = { fromImage: withTag(image), ...(signal && { abortSignal: signal }) };
      const stream = (await this.#docker.createImage(options)) as NodeJS.ReadableStream & AsyncIterable<Buffer>;
      for await (const chunk of stream) {
        for (const line of split(chunk)) {
          const told = meter.take(line);
          if (told !== null && 'error' in told) throw failed(told.error);
          if (told !== null) onProgress(told);
        }
      }
    } catch (error) {
      throw this.#calls.isSilent(error) ? this.#calls.unreachable(error) : failed(error);
    }
  }

  async create(definition: ContainerDefinition, around: Surroundings): Promise<Created> {
    const { name, realName, copy } = definition;
    if (around.seesHost) refuseMissing(definition);
    const body = createBody(definition, around);
    const { Id: id, Warnings: warnings } = await this.#calls.work<{ Id: string; Warnings?: string[] | null }>(
      name,
      'cannot make its container',
      this.#calls.dial('POST', '/containers/create?', { _query: { name: realName }, _body: body }),
    );
    try {
      if (copy.length > 0) await this.copyIn(id, copy);
    } catch (error) {
      await this.remove(id);
      throw refusedNode(name, 'cannot copy files into its container', error);
    }
    return { id, warnings: warnings ?? [] };
  }

  async start(id: string): Promise<number> {
    const what = 'cannot start its container';
    await this.#calls.work(id, what, this.#docker.getContainer(id).start(working()), 304);
    return await this.pid(id);
  }

  /** Throws E_NODE_FAILED with the last lines of its log if the container has ended already. */
  async pid(id: string): Promise<number> {
    const { State: state, Config: config, Name: name } = await this.#calls.inspectOr(id);
    if (state.Running && state.Pid > 0) return state.Pid;
    const lines: string[] = [];
    const onOutput = (_: string, bytes: Buffer): void => void lines.push(bytes.toString().trimEnd());
    await this.logs(id, { onOutput, follow: false, tail: TOLD_LINES, sinceS: null, timestamps: false }).catch(() => {});
    const end = state.Error || `its process ended at once with status ${state.ExitCode}`;
    const words = lines.length === 0 ? 'it wrote nothing' : `its last words: ${lines.join('\n')}`;
    const node = config.Labels?.[NODE_LABEL.node] ?? nameOf(name);
    throw nodeFailure(node, `${end}; ${words}`, 'a node needs a `command` that stays, such as `sleep infinity`');
  }

  async stop(id: string, timeoutS: number): Promise<void> {
    const options = { t: timeoutS, ...working(timeoutS) };
    await this.#calls.work(id, 'cannot stop its container', this.#docker.getContainer(id).stop(options), 304);
  }

  async restart(id: string, timeoutS: number): Promise<number> {
    const options = { t: timeoutS, ...working(timeoutS) };
    await this.#calls.work(id, 'cannot restart its container', this.#docker.getContainer(id).restart(options));
    return await this.pid(id);
  }

  async remove(id: string): Promise<void> {
    const options = { force: true, v: true, ...working() };
    // 404: it is gone. 409: somebody else is removing it.
    await this.#calls.work(id, 'cannot remove its container', this.#docker.getContainer(id).remove(options), 404, 409);
  }

  async logs(id: string, { onOutput, follow, tail, sinceS, timestamps, signal }: LogOptions): Promise<void> {
    const query = {
      ...{ stdout: true, stderr: true, follow, timestamps },
      ...(tail !== null && { tail: String(tail) }),
      ...(sinceS !== null && { since: String(sinceS) }),
    };
    const container = this.#docker.getContainer(id);
    const hasTerminal = (await this.#calls.inspectOr(id)).Config.Tty === true;
    const stream = await this.#calls.work<Readable>(
      id,
      'cannot read its log',
      this.#calls.stream(`/containers/${id}/logs?`, query),
    );
    signal?.addEventListener('abort', () => stream.destroy(), { once: true });
    if (signal?.aborted) stream.destroy();
    if (hasTerminal) stream.on('data', (bytes: Buffer) => onOutput('stdout', bytes));
    else container.modem.demuxStream(stream, outputSink('stdout', onOutput), outputSink('stderr', onOutput));
    await finished(stream, { writable: false }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw this.#calls.unreachable(error);
    });
  }

  async copyIn(id: string, files: readonly CopiedFile[]): Promise<void> {
    if (files.length === 0) return;
    const archive = await archiveOf(files);
    const broken = new Promise<never>((_, reject) => archive.once('error', reject));
    const put = this.#docker.getContainer(id).putArchive(archive, { path: '/', ...working() });
    await this.#calls.work(id, 'cannot copy into its container', Promise.race([put, broken]));
  }

  async copyOut(id: string, path: string): Promise<Readable> {
    const answer = this.#docker.getContainer(id).getArchive({ path, ...working() });
    return (await this.#calls.work(id, `cannot copy ${path} out of its container`, answer)) as Readable;
  }

  async hasPath(id: string, path: string): Promise<boolean> {
    return (await this.#modeOf(id, path)) !== null;
  }

  async isFolder(id: string, path: string): Promise<boolean | null> {
    // With `/.` appended, the engine follows a symbolic link and refuses a path that is no folder.
    if ((await this.#modeOf(id, path)) === null) return null;
    const mode = await this.#modeOf(id, `${path.replace(/\/+$/, '')}/.`).catch(() => null);
    return mode !== null && mode >= GO_MODE_DIR;
  }

  /** The mode of a path, in Go's bits (fs.FileMode); null: there is no such path. */
  async #modeOf(id: string, path: string): Promise<number | null> {
    try {
      const answer = (await this.#docker.getContainer(id).infoArchive({ path, ...answered() })) as IncomingMessage;
      answer.resume();
      const header = String(answer.headers['x-docker-container-path-stat'] ?? '');
      const stat = JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as { readonly mode?: number };
      return stat.mode ?? 0;
    } catch (error) {
      // The path or the container is missing. The engine says 404 in both cases.
      if (statusCodeOf(error) === 404) return null;
      throw await this.#calls.refusal(id, `cannot look for ${path} in its container`, error);
    }
  }

  async health(id: string): Promise<Health> {
    const status = (await this.#calls.inspectOr(id)).State.Health?.Status ?? '';
    return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none';
  }

  async waitExit(id: string, signal: AbortSignal): Promise<number> {
    try {
      const { StatusCode: status } = await this.#docker.getContainer(id).wait({ abortSignal: signal });
      return status;
    } catch (error) {
      if (signal.aborted) return -1;
      throw await this.#calls.refusal(id, 'cannot wait for its container', error);
    }
  }
}

/** Throws if the source of a bind is missing. Podman would make a folder there, and Docker would refuse in words of its own. */
function refuseMissing({ name, binds }: ContainerDefinition): void {
  const missing = binds.find(({ source }) => !existsSync(source));
  if (missing !== undefined) throw refusedNode(name, 'cannot make its container', missingBind(missing.source));
}

function nameOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Adds the tag `latest` where there is none: without a tag, engines pull all tags of an image. */
function withTag(image: string): string {
  return /[@:]/.test(image.slice(image.lastIndexOf('/') + 1)) ? image : `${image}:latest`;
}
