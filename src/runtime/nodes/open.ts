/** Opens the NodeRuntime of an engine. */
import type { ContainerEngine } from '../engine.ts';
import type { NodeRuntime } from './node-runtime.ts';

/** Loads dockerode, which takes a while, so labs without such containers never do. */
export async function openNodeRuntime({
  kind,
  socketPath,
}: Pick<ContainerEngine, 'kind' | 'socketPath'>): Promise<NodeRuntime> {
  const { DockerodeNodes } = await import('./dockerode-nodes.ts');
  return new DockerodeNodes(kind, socketPath);
}
