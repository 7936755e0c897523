/** Sessions on a kernel and an engine in memory. */
import { Session } from '../../../src/lab/session.ts';
import type { Container, LinkSpec, Topology } from '../../../src/topology/topology.ts';
import type { Task } from '../../../src/wire/task.ts';
import { FakeEngine } from '../../support/daemon/fake-engine.ts';
import { MemoryWorkers } from '../../support/model/workers.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { link } from '../topology/specs.ts';

export interface Stage {
  readonly session: Session;
  readonly workers: MemoryWorkers;
  readonly kernel: ModelKernel;
  readonly engine: FakeEngine;
  /** Starts a container, with a namespace of its own. */
  start(name: string): Container;
  /** Ends it, and its namespace with it. */
  stop(container: Container): void;
  /** What was asked since the last call: `dump` with the namespaces, else the task's name. */
  asked(): readonly string[];
}

export function stageOf(wanted: Topology): Stage {
  const kernel = new ModelKernel();
  const workers = new MemoryWorkers(kernel);
  const engine = new FakeEngine();
  const session = new Session({
    ...{ topology: wanted, workers, engines: [engine], side: 'netns', host: 'self' },
    ...{
      own: null,
      seesFiles: true,
      uplink: null,
      filter: null,
      fileNames: [],
      sources: [],
      loadMs: 0,
      revision: 1,
      orphansTold: new Set(),
    },
    files: { files: 'f', filesBefore: [], pruneOrphans: false },
  });
  return {
    ...{ session, workers, kernel, engine },
    start: (name) => {
      const container = engine.start(name);
      kernel.makeNamespace(`pid/${container.pid}`);
      return container;
    },
    stop: ({ name, pid }) => {
      engine.stop(name);
      kernel.removeNamespace(`pid/${pid}`);
    },
    asked: () => workers.sent.splice(0).map(nameOf),
  };
}

function nameOf(task: Task): string {
  return task.task === 'dump' ? `dump ${task.namespaces.join(' ')}` : task.task;
}

/** A veth on a bridge. */
export function wire(selector: LinkSpec['selector'], last: number, bridge = 's'): LinkSpec {
  return link(selector, { bridge, addresses: [`10.0.0.${last}/24`], mtuBytes: 1500 });
}
