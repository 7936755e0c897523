/** Removes containers of the lab that no entry describes any more. As with links, those that another list of files made stay. */
import { unnameContainers } from '../../engine/container-names.ts';
import { diagnosticOf } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { NodeRuntime } from '../../runtime/nodes/node-runtime.ts';
import type { Session } from '../session.ts';

/** Returns the names of the containers that it has removed. */
export async function removeUndescribed(
  session: Session,
  runtime: NodeRuntime,
  emit: Emit,
): Promise<readonly string[]> {
  const { topology, files, workers } = session;
  const { lab, nodes = [] } = topology;
  const described = new Set(nodes.flatMap(({ kind, name }) => (kind === 'container' ? [name] : [])));
  const others = (await runtime.list(lab)).filter(({ node }) => !described.has(node));
  const own = new Set<string | null>([files.files, ...files.filesBefore]);
  const goes = others.filter((container) => files.pruneOrphans || own.has(container.files));
  await Promise.all(goes.map(({ id }) => runtime.remove(id)));
  for (const { node } of goes) emit({ type: 'nodeRemoved', node });
  const names = goes.map(({ name }) => name);
  await unnameContainers(workers, lab, names, emit);
  for (const { node } of others.filter((container) => !goes.includes(container))) {
    const message = `the container of ${node} was made by other files, and these do not describe it: it stays`;
    emit({
      type: 'diagnostic',
      diagnostic: diagnosticOf('orphan', message, { hint: 'name all files of the lab, or give `--prune`' }),
    });
  }
  return names;
}
