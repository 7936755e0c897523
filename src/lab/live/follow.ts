/** Follows a lab from outside: the kernel, the engines, and, where there is a configuration, what differs from it. */
import { mayListen } from '../../engine/machine/privilege.ts';
import { namedNamespaces } from '../../engine/named-namespaces.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { LabEventSource } from '../../lab-events.ts';
import { groupOf, ROLE } from '../../net/mark.ts';
import { type NsId, namedNs, processNs } from '../../net/ns-id.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { shardNumber } from '../../plan/switch/placement.ts';
import { type EngineSockets, enginesWithin } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import type { Container } from '../../topology/topology.ts';
import type { Request } from '../request.ts';
import { Session } from '../session.ts';
import { lookForLab } from '../verbs/survey.ts';
import { isNamedAlone } from '../with-nodes/of-lab.ts';
import { linksNow } from '../with-nodes/until/links.ts';
import { type ContainerChange, ContainerWatch } from './containers.ts';
import { DeviceTracker } from './devices.ts';
import { Differences } from './differences.ts';
import { KernelWatch } from './kernel.ts';
import { labelsOf } from './labels.ts';
import { EventLog } from './log.ts';
import { Looks } from './looks.ts';

/** How many events are kept for a reader of its own: a first look at a lab of 10,000 links alone tells 20,000. */
const KEPT = 1 << 18;

interface Parts extends Pick<FollowLab, 'onReport'> {
  readonly session: Session | null;
  readonly workers: Workers;
  readonly engines: readonly ContainerEngine[];
  readonly sockets: EngineSockets;
}

export interface FollowLab {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Takes each look at the lab: one at the beginning, then one after each change. */
  readonly onReport?: ((report: StatusReport) => void) | undefined;
}

/**
 * A lab that is followed; its events are in `log`. Takes no lock and changes nothing. Needs CAP_SYS_ADMIN, CAP_NET_ADMIN and
 * CAP_NET_BROADCAST.
 */
export class LabWatch implements AsyncDisposable {
  readonly lab: string;
  readonly log = new EventLog({ size: KEPT });
  readonly workers: Workers;
  /** null: only the lab's name is known. */
  readonly #session: Session | null;
  readonly #onReport: FollowLab['onReport'];
  readonly #stop = new AbortController();
  readonly #tasks: Promise<unknown>[] = [];
  readonly #containers: ContainerWatch;
  readonly #tracker: DeviceTracker;
  readonly #looks: Looks | null;
  #kernel: KernelWatch | null = null;
  #labels: ReadonlyMap<NsId, string> = new Map();
  /** Ids of containers that had links of the lab when they ended: when one starts again, it is still of the lab. */
  readonly #ended = new Set<string>();

  private constructor(lab: string, parts: Parts) {
    const { session, workers, engines, sockets, onReport } = parts;
    this.lab = lab;
    this.workers = workers;
    this.#session = session;
    this.#onReport = onReport;
    this.#containers = new ContainerWatch({
      engines,
      signal: this.#stop.signal,
      onChange: (container, change) => this.#onContainer(container, change),
      onLost: (socketPath, why) => this.#onEngine(socketPath, why),
    });
    this.#tracker = new DeviceTracker({ lab, nodeOf: (ns) => this.#labels.get(ns) ?? null }, (event) =>
      this.log.add('kernel', event),
    );
    const survey = (): Promise<StatusReport> => lookForLab(lab, sockets, workers, () => {});
    if (session !== null) this.#looks = this.#looksBy(() => linksNow(session, () => {}), session.revision);
    else this.#looks = onReport === undefined ? null : this.#looksBy(survey, null);
  }

  /**
   * Begins to follow the lab of the configuration, or, where only its name is given, the one of that name. Throws E_PRIVILEGE, E_CONFIG,
   * E_USAGE and E_ENGINE.
   */
  static async open(request: Request, { emit, signal, onReport }: FollowLab): Promise<LabWatch> {
    assertHearing();
    const { lab } = request.load;
    const quietly: Emit = (event) => {
      if (event.type === 'diagnostic') emit(event);
    };
    const session = isNamedAlone(request) ? null : await Session.open(request, quietly);
    const { sockets } = request;
    const engines = session === null ? await enginesWithin(sockets) : session.engines;
    const workers = session === null ? new WorkersOnDemand(request.workers) : session.workers;
    // What follows a lab hears of changes in this thread, so it looks by another.
    workers.ready().catch(() => {});
    const watch = new LabWatch(session?.topology.lab ?? lab ?? '', { session, workers, engines, sockets, onReport });
    try {
      await watch.#begin(signal);
      return watch;
    } catch (error) {
      await watch[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Whether it is compared with a configuration. */
  get isCompared(): boolean {
    return this.#session !== null;
  }

  /** Whether nothing of the lab is there, of which only the name is known. */
  get isEmpty(): boolean {
    if (this.#session !== null) return false;
    const has = <T>(some: Iterable<T>): boolean => !some[Symbol.iterator]().next().done;
    return (
      !has(this.#tracker.devices()) &&
      !this.#containers.running.some((container) => this.#isOfLab(container)) &&
      !namedNamespaces().some((name) => shardNumber(this.lab, namedNs(name)) !== null)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#kernel?.[Symbol.asyncDispose]();
    await Promise.all(this.#tasks);
    // A session ends its workers.
    await (this.#session ?? this.workers)[Symbol.asyncDispose]();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    const { ended } = await this.#containers.begin();
    this.#tasks.push(ended);
    const more = this.#session === null ? await elsewhere(this.lab, this.workers) : [];
    this.#relabel();
    this.#kernel = new KernelWatch({
      ...{ lab: this.lab, more },
      containers: () => {
        this.#relabel();
        return this.#containers.running;
      },
      onSeen: (seen) => {
        this.#tracker.take(seen);
        this.#looks?.changed();
      },
      onChange: () => this.#looks?.changed(),
      onOverrun: () => {
        this.#tell('kernel', {
          type: 'lost',
          why: 'the kernel told more than could be read; what differs now follows',
        });
        this.#looks?.changed();
      },
      onDeaf: (why) => this.#tell('kernel', { type: 'notice', message: `changes are not heard everywhere: ${why}` }),
    });
    await this.#kernel.ready;
    this.#tracker.settle();
    if (this.#looks !== null) this.#tasks.push(this.#looks.run());
  }

  #tell(source: LabEventSource, event: Parameters<EventLog['add']>[1]): void {
    this.log.add(source, event);
  }

  #relabel(): void {
    this.#labels = labelsOf(this.lab, this.#session, this.#containers.running);
  }

  #onContainer(container: Container, change: ContainerChange): void {
    if (this.#isOfLab(container)) {
      this.#tell('engine', { type: 'container', change, name: container.name, containerId: container.id });
      if (change === 'ended') this.#ended.add(container.id);
    }
    if (change === 'ended') this.#tracker.forget(processNs(container.pid));
    void this.#kernel?.renew();
    this.#looks?.changed();
  }

  /** Without a configuration it is not known which containers may get links that never had one. */
  #isOfLab(container: Container): boolean {
    if (this.#session !== null) return this.#session.wholeLab.parts.wants(container);
    if (container.entry?.lab === this.lab || container.project === this.lab) return true;
    return this.#ended.has(container.id) || this.#tracker.hasHeld(processNs(container.pid));
  }

  #onEngine(socketPath: string, why: string | null): void {
    const message = why === null ? `${socketPath} answers again` : `${socketPath} is not heard: ${why}`;
    this.#tell('engine', why === null ? { type: 'notice', message } : { type: 'lost', why: message });
  }

  /** `revision`: which reading of the configuration it is compared with; null: with none. */
  #looksBy(lookAt: () => Promise<StatusReport>, revision: number | null): Looks {
    const differences = new Differences();
    let failed: string | null = null;
    const look = async (): Promise<boolean> => {
      try {
        const report = await lookAt();
        this.#onReport?.(report);
        const atMs = performance.now();
        for (const step of differences.look(report)) this.#tell('kernel', { ...step, revision, atMs });
        failed = null;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== failed && !this.#stop.signal.aborted)
          this.#tell('linkloom', { type: 'notice', message: `cannot look at the lab: ${message}` });
        failed = message;
      }
      return differences.isUnsure;
    };
    return new Looks({ look, signal: this.#stop.signal });
  }
}

function assertHearing(): void {
  if (mayListen()) return;
  throw new LinkloomError(
    'E_PRIVILEGE',
    'CAP_NET_BROADCAST missing: linkloom needs this to hear changes in namespaces',
    {
      hint: 'run as root (sudo), or in a container with `cap_add: [NET_ADMIN, SYS_ADMIN, NET_BROADCAST]`',
    },
  );
}

/** Namespaces of the lab that have no name, found by their processes. A configuration tells all that can be of its lab. */
async function elsewhere(lab: string, workers: Workers): Promise<readonly NsId[]> {
  const task = { task: 'scan', group: groupOf(lab, ROLE.nodeEnd), processes: true, except: [] } as const;
  const { dumps } = await workers.ask({ ...task, translationsOf: null });
  return dumps.map(({ ns }) => ns);
}
