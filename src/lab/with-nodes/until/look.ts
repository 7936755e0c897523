/** Whether a condition is met in a node, as it is now. */
import { readFile, stat } from 'node:fs/promises';
import { LinkloomError } from '../../../errors.ts';
import { netnsRunner } from '../../../runtime/netns-exec.ts';
import type { NodeRuntime } from '../../../runtime/nodes/node-runtime.ts';
import { openNodeRuntime } from '../../../runtime/nodes/open.ts';
import type { FoundNode } from '../find.ts';
import { missingText, type NodeCondition } from './conditions.ts';
import { hasAddress, listens, PROC_NET_FILES, type ProcNet } from './kernel.ts';

/** One look at the nodes. What several conditions need of a node is read only once. */
export class Look {
  readonly #runtimes: Map<string, Promise<NodeRuntime>>;
  readonly #files = new Map<string, Promise<ProcNet>>();

  /** `runtimes` is by socket, and is kept for further looks. */
  constructor(runtimes: Map<string, Promise<NodeRuntime>>) {
    this.#runtimes = runtimes;
  }

  /** Returns null if the condition is met, else what is missing. Throws E_NODE_FAILED if it can never be met. */
  async missing(node: FoundNode, condition: NodeCondition): Promise<string | null> {
    const text = missingText(condition);
    switch (condition.kind) {
      case 'address':
        return hasAddress(await this.#procNet(node), condition.address) ? null : text;
      case 'port':
        return listens(await this.#procNet(node), condition.protocol, condition.port) ? null : text;
      case 'path':
        return (await this.#hasPath(node, condition.path)) ? null : text;
      case 'healthy':
        return await this.#unhealthy(node);
    }
  }

  async #unhealthy(node: FoundNode): Promise<string | null> {
    const health = node.kind === 'netns' ? 'none' : await (await this.#runtime(node)).health(node.container.id);
    if (health === 'healthy') return null;
    if (health !== 'none') return `is ${health === 'starting' ? 'not healthy yet' : health}`;
    throw new LinkloomError('E_NODE_FAILED', 'it has no health check, so it is never healthy', {
      where: node.label,
      hint: 'give it a `healthcheck`, or wait for a port or a file',
    });
  }

  async #hasPath(node: FoundNode, path: string): Promise<boolean> {
    if (node.kind === 'container') return await (await this.#runtime(node)).hasPath(node.container.id, path);
    return stat(path).then(
      () => true,
      () => false,
    );
  }

  #runtime({ engine }: Extract<FoundNode, { kind: 'container' }>): Promise<NodeRuntime> {
    const known = this.#runtimes.get(engine.socketPath) ?? openNodeRuntime(engine);
    this.#runtimes.set(engine.socketPath, known);
    return known;
  }

  #procNet(node: FoundNode): Promise<ProcNet> {
    const key = node.kind === 'netns' ? node.name : node.container.id;
    const known = this.#files.get(key) ?? (node.kind === 'netns' ? ofNetns(node.name) : ofProcess(node.container.pid));
    this.#files.set(key, known);
    return known;
  }
}

/** Returns null for a container that has just ended. */
async function ofProcess(pid: number): Promise<ProcNet> {
  const texts = await Promise.all(
    PROC_NET_FILES.map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  return Object.fromEntries(PROC_NET_FILES.map((name, at) => [name, texts[at] ?? ''])) as ProcNet;
}

/** Splits the output of `head`, which writes each file's name before its contents. A file may be missing (if IPv6 is off). */
async function ofNetns(name: string): Promise<ProcNet> {
  const pieces: Buffer[] = [];
  const words = ['head', '-v', '-c', '16777216', ...PROC_NET_FILES.map((file) => `/proc/net/${file}`)];
  const started = netnsRunner.start({ id: name, mark: '' }, words, (stream, bytes) => {
    if (stream === 'stdout') pieces.push(bytes);
  });
  await started.ended;
  const parts = Buffer.concat(pieces)
    .toString('utf8')
    .split(/^==> \/proc\/net\/(\w+) <==\n/m);
  const texts = new Map<string, string>();
  for (let at = 1; at < parts.length; at += 2) texts.set(parts[at] ?? '', parts[at + 1] ?? '');
  return Object.fromEntries(PROC_NET_FILES.map((file) => [file, texts.get(file) ?? ''])) as ProcNet;
}
