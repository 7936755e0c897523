/** Which shell a node has. */
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import { startFault } from './executable.ts';
import type { FoundNode } from './find.ts';

/** Where images keep theirs, the better one first. */
const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/bin/sh', '/usr/bin/sh'] as const;

/**
 * The program and its arguments: in a container bash, else sh; in a namespace, which has this machine's files, the user's own shell
 * (`SHELL`), else sh. A container in which none is found is asked for `sh`, and says itself what is wrong. Throws E_ENGINE.
 */
export async function shellOf(
  node: FoundNode,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  if (node.kind === 'netns') {
    const own = env['SHELL'] ?? '';
    return [own !== '' && (await startFault(own, env['PATH'] ?? '')) === null ? own : 'sh'];
  }
  const runtime = await openNodeRuntime(node.engine);
  for (const shell of SHELLS) if (await runtime.hasPath(node.container.id, shell)) return [shell];
  return ['sh'];
}
