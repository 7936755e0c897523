/** `cp`: files and folders between this machine and a container, as `cp -r` would copy them. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { unpack } from '../../runtime/nodes/archive.ts';
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import type { Request } from '../request.ts';
import { chooseOne } from './choose.ts';
import type { FoundNode } from './find.ts';

/** `NODE:PATH`, or a path of this machine. */
export type CopyEnd = { readonly node: string | null; readonly path: string };

/** A word is a path of this machine if it has no colon, or a slash (or nothing but a dot) before its colon, as with scp. */
export function copyEnd(word: string): CopyEnd {
  const [, node, path] = /^((?:(?:netns|container|node|service)\/)?[^/:.][^/:]*):(.*)$/s.exec(word) ?? [];
  return node === undefined || path === undefined
    ? { node: null, path: word }
    : { node, path: path === '' ? '/' : path };
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Copies one end to the other. If the target is an existing folder, the source is put into it under its own name; otherwise it gets the
 * target's name. Throws E_USAGE unless exactly one end is in a container, E_NODE_MISSING, E_NODE_FAILED with the engine's words, and
 * E_TOOL if this machine's files can't be read or written.
 */
export async function copy(from: CopyEnd, to: CopyEnd, request: Request, env: Env, emit: Emit): Promise<void> {
  if ((from.node === null) === (to.node === null)) {
    throw new LinkloomError('E_USAGE', from.node === null ? 'neither end is in a node' : 'both ends are in nodes', {
      hint: 'write one of them as NODE:PATH; between nodes, copy by way of a file of this machine',
    });
  }
  const node = await chooseOne(from.node ?? to.node ?? '', request, env, emit);
  if (node.kind === 'netns') {
    throw new LinkloomError('E_USAGE', `${node.label} is a network namespace: its files are those of this machine`, {
      hint: `${to.node === null ? from.path : to.path} is there already as it is here`,
    });
  }
  if (to.node === null) await copyOut(node, from.path, to.path);
  else await copyIn(node, from.path, to.path);
}

type ContainerNode = Extract<FoundNode, { kind: 'container' }>;

async function copyIn({ engine, container, label }: ContainerNode, source: string, path: string): Promise<void> {
  const found = await stat(source).catch((error: Error) => {
    throw new LinkloomError('E_TOOL', `cannot read ${source}: ${error.message}`);
  });
  const runtime = await openNodeRuntime(engine);
  const target = posix.resolve('/', path);
  const isFolder = await runtime.isFolder(container.id, target);
  if (isFolder === false && (found.isDirectory() || path.endsWith('/'))) throw notAFolder(label, target);
  const whole = isFolder ? posix.join(target, basename(join(process.cwd(), source))) : target;
  if (isFolder === null && (await runtime.isFolder(container.id, posix.dirname(whole))) !== true) {
    throw notAFolder(label, posix.dirname(whole));
  }
  await runtime.copyIn(container.id, [{ source, target: whole, mode: null }]);
}

async function copyOut({ engine, container, label }: ContainerNode, path: string, target: string): Promise<void> {
  const runtime = await openNodeRuntime(engine);
  const source = posix.resolve('/', path);
  if (!(await runtime.hasPath(container.id, source))) {
    throw new LinkloomError('E_NODE_FAILED', `there is no ${source} in it`, { where: label });
  }
  const isFolder = await stat(target).then(
    (entry) => entry.isDirectory(),
    () => null,
  );
  const place = isFolder
    ? { folder: target, name: basename(source) || label }
    : { folder: dirname(target), name: basename(target) };
  try {
    await unpack(await runtime.copyOut(container.id, source), basename(source), place);
  } catch (error) {
    if (error instanceof LinkloomError) throw error;
    throw new LinkloomError('E_TOOL', `cannot write ${target}: ${(error as Error).message}`, { cause: error });
  }
}

function notAFolder(node: string, path: string): LinkloomError {
  return new LinkloomError('E_NODE_FAILED', `${path} is no folder in it`, { where: node, hint: 'make it first' });
}
