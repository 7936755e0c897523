/** Chooses the shell for `shell NODE`. */
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import { startFault } from './executable.ts';
import type { FoundNode } from './find.ts';

/** Where images have shells. The better one comes first. */
const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/bin/sh', '/usr/bin/sh'] as const;

/**
 * Returns the program and its arguments. In a container that is bash, or sh if there is no bash. In a namespace, which has this machine's
 * files, it is the user's own shell (`SHELL`), or sh. For a container in which neither is found it is `sh`, and the engine says what is
 * wrong. Throws E_ENGINE.
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
