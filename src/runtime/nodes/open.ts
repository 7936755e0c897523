/** From an engine that answers to what makes containers on it. */
import type { ContainerEngine } from '../engine.ts';
import type { NodeRuntime } from './node-runtime.ts';

/** dockerode is loaded now, and not before. */
export async function openNodeRuntime({
  kind,
  socketPath,
}: Pick<ContainerEngine, 'kind' | 'socketPath'>): Promise<NodeRuntime> {
  const { DockerodeNodes } = await import('./dockerode-nodes.ts');
  return new DockerodeNodes(kind, socketPath);
}
