/** Finds the nodes that names and globs of a command line stand for. */
import { isGlob, patternOf } from '../../config/nodes/pattern.ts';
import { nearest } from '../../config/text/nearest.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { Request } from '../request.ts';
import { type FoundNode, findNode } from './find.ts';
import { type NodesOfLab, nodesOfLab } from './of-lab.ts';

export interface Choice {
  /** Names as `findNode` takes them, and globs of `*` and `?`. */
  readonly names: readonly string[];
  /** All nodes of the lab. */
  readonly all: boolean;
}

/** Environment variables. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the chosen nodes, each once. The nodes of one name or glob are in the order of the lab. Plain names are looked for on the whole
 * host. With `all`, with a glob, or if a file or a lab is given, all names are looked for in the lab. Throws what `findNode` and
 * `nodesOfLab` throw, and E_NODE_MISSING if a name or a glob matches nothing.
 */
export async function chooseNodes(
  { names, all }: Choice,
  request: Request,
  env: Env,
  emit: Emit,
): Promise<readonly FoundNode[]> {
  if (!all && !isLabNamed(request) && !names.some(isGlob)) {
    const found: FoundNode[] = [];
    for (const name of names) found.push(await findNode(name, request.sockets, env));
    return unique(found);
  }
  const lab = await nodesOfLab(request, emit);
  return chosenFrom(lab, { names, all });
}

/** Returns the one node of a name or glob. Throws E_USAGE if there are several. */
export async function chooseOne(name: string, request: Request, env: Env, emit: Emit): Promise<FoundNode> {
  const found = await chooseNodes({ names: [name], all: false }, request, env, emit);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const labels = found.map(({ label }) => label).join(', ');
  throw new LinkloomError('E_USAGE', `${name} is ${found.length} nodes: ${labels}`, { hint: 'name one of them' });
}

/** Whether the command line says which lab is meant. */
export function isLabNamed({ load: { lab, files, networkFiles, composeFiles } }: Request): boolean {
  return lab !== undefined || [files, networkFiles, composeFiles].some((list) => (list ?? []).length > 0);
}

/** Returns the chosen nodes among those of a lab. Throws E_NODE_MISSING. */
export function chosenFrom({ lab, nodes, missing }: NodesOfLab, { names, all }: Choice): readonly FoundNode[] {
  if (all) {
    if (nodes.length > 0) return nodes;
    const which = missing.length > 0 ? `: ${missing.slice(0, 5).join(', ')}` : '';
    throw new LinkloomError('E_NODE_MISSING', `no node of lab ${lab} is there${which}`);
  }
  const chosen = names.flatMap((name) => {
    const found = nodes.filter((node) => stands(name, node));
    if (found.length > 0) return found;
    if (missing.includes(name)) throw noNode(name, `${name} of lab ${lab} does not run`, undefined);
    const near = nearest(
      name,
      nodes.map(({ label }) => label),
    );
    const what = isGlob(name) ? `no node of lab ${lab} matches ${name}` : `lab ${lab} has no node ${name}`;
    throw noNode(name, what, near === undefined ? undefined : `did you mean ${near}?`);
  });
  return unique(chosen);
}

function noNode(where: string, message: string, hint: string | undefined): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', message, { where, ...(hint !== undefined && { hint }) });
}

/** All names of a node: NODE, NODE with its kind before it, and its name on the host. */
export function namesOf(node: FoundNode): readonly string[] {
  const plain =
    node.kind === 'netns'
      ? [node.label, node.name]
      : [node.label, node.container.name, ...(node.container.service === null ? [] : [node.container.service])];
  return [...plain, ...plain.map((name) => `${node.kind}/${name}`), `node/${node.label}`];
}

/** Whether any of these nodes has this name, or matches this glob. */
export function isThere({ nodes }: Pick<NodesOfLab, 'nodes'>, name: string): boolean {
  return nodes.some((node) => stands(name, node));
}

function stands(name: string, node: FoundNode): boolean {
  const names = namesOf(node);
  if (!isGlob(name)) return names.includes(name);
  const pattern = patternOf([name]);
  return names.some((one) => pattern.test(one));
}

function unique(nodes: readonly FoundNode[]): readonly FoundNode[] {
  const keys = new Set<string>();
  return nodes.filter((node) => {
    const key = node.kind === 'netns' ? `namespace ${node.name}` : node.container.id;
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  });
}
