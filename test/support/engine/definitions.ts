/** Makes entries of `nodes:`, for tests of the code that makes containers from them. */
import type { ContainerDefinition } from '../../../src/topology/nodes/definition.ts';
import { BUSYBOX } from './busybox.ts';

/** A container of busybox that sleeps. `given` replaces parts of it. */
export function containerNode(
  lab: string,
  name: string,
  given: Partial<Omit<ContainerDefinition, 'kind' | 'name' | 'realName'>> = {},
): ContainerDefinition {
  return {
    kind: 'container',
    name,
    realName: `${lab}.${name}`,
    ...{ loopbacks: [], exec: [], run: [], waitFor: [], on: null, where: () => undefined },
    ...{ image: BUSYBOX, command: ['sleep', '1000000'], entrypoint: null, env: {}, binds: [], ports: [], sysctls: {} },
    ...{ capAdd: [], capDrop: [], privileged: false, devices: [], user: null, hostname: name, labels: {} },
    ...{ memoryBytes: null, cpus: null, network: 'none', copy: [], healthcheck: null, stopSignal: null },
    restart: { name: 'no', maximumRetries: null },
    hash: 'a'.repeat(64),
    ...given,
  };
}
