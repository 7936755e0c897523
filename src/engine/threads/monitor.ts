/** The main thread's side of the monitor: starts its thread, says where to listen, and passes on what it hears. */
import { MONITOR_URL } from '../../layout.ts';
import type { Heard, HeardNs, MonitorOrder, MonitorReport, MonitorStart, Seen } from '../../wire/monitor.ts';
import { WakingThread } from './waking.ts';

export interface MonitorOptions {
  /** One of the lab's group numbers (`IFLA_GROUP`). */
  readonly group: number;
  readonly onHeard: (changes: readonly Heard[]) => void;
  /** Takes what each device is now, in the kernel's order. Absent: nobody wants to know, and it costs nothing. */
  readonly onSeen?: ((seen: readonly Seen[]) => void) | undefined;
  /** Called when the kernel dropped messages, so that anything may have changed. */
  readonly onOverrun: () => void;
  /** Called with the reason, for people, if the monitor can't listen in a namespace, or not at all. */
  readonly onDeaf: (why: string) => void;
}

/** Listens for changes in the namespaces of a lab, and reports each at once. Needs CAP_SYS_ADMIN and CAP_NET_BROADCAST. */
export class LinkMonitor {
  readonly #options: MonitorOptions;
  /** null: it has ended by itself. */
  #thread: WakingThread<MonitorOrder, MonitorReport> | null;
  /** One for each order to listen that has not been carried out. */
  readonly #listening: (() => void)[] = [];
  #isEnding = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  /**
   * Listens in these namespaces and in no others. If a namespace is replaced by another of the same name, the monitor notices by
   * itself. Resolves when it listens, and what is there has been seen; also if it can't (`onDeaf`).
   */
  listen(namespaces: readonly HeardNs[]): Promise<void> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    return new Promise((resolve) => {
      this.#listening.push(resolve);
      // Whoever waits for it keeps this process alive, and its thread.
      thread.worker.ref();
      thread.tell({ order: 'listen', namespaces });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const thread = this.#thread;
    this.#isEnding = true;
    thread?.worker.ref();
    thread?.tell({ order: 'end' });
    await thread?.ended;
  }

  #start(): WakingThread<MonitorOrder, MonitorReport> {
    const { group, onSeen } = this.#options;
    const thread = new WakingThread<MonitorOrder, MonitorReport>(MONITOR_URL, {
      workerData: { group, details: onSeen !== undefined } satisfies MonitorStart,
      onReport: (message) => this.#take(message),
      onError: (error) => this.#options.onDeaf(error.message),
      onExit: () => {
        this.#thread = null;
        this.#listens(this.#listening.length);
      },
    });
    thread.worker.unref();
    return thread;
  }

  #listens(orders: number): void {
    for (const resolve of this.#listening.splice(0, orders)) resolve();
    if (this.#listening.length === 0 && !this.#isEnding) this.#thread?.worker.unref();
  }

  #take(message: MonitorReport): void {
    switch (message.report) {
      case 'ready':
        return;
      case 'listening':
        return this.#listens(message.orders);
      case 'heard':
        if (message.seen.length > 0) this.#options.onSeen?.(message.seen);
        if (message.changes.length > 0) this.#options.onHeard(message.changes);
        return;
      case 'overrun':
        return this.#options.onOverrun();
      case 'deaf': {
        const { call, subject, errnoName } = message.failure;
        return this.#options.onDeaf([call, subject, errnoName].filter((word) => word !== null).join(' '));
      }
      default:
        return message satisfies never;
    }
  }
}
