/** The main thread's side of the monitor: starts its thread, says where to listen, and passes on what it hears. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { MONITOR_URL } from '../../layout.ts';
import type { Heard, HeardNs, MonitorOrder, MonitorReport, MonitorStart, Seen } from '../../wire/monitor.ts';

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
  #worker: Worker | null;
  #ended: Promise<void> = Promise.resolve();
  #wakeFd = -1;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  /**
   * Listens in these namespaces and in no others. If a namespace is replaced by another of the same name, the monitor notices by
   * itself.
   */
  listen(namespaces: readonly HeardNs[]): void {
    this.#worker ??= this.#start();
    this.#tell({ order: 'listen', namespaces });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker?.ref();
    this.#tell({ order: 'end' });
    await this.#ended;
  }

  #start(): Worker {
    // This worker is not from the pool: it sleeps in a system call that only its own events can end.
    const { group, onSeen } = this.#options;
    const start: MonitorStart = { group, details: onSeen !== undefined };
    const worker = new Worker(MONITOR_URL, { workerData: start });
    worker.on('message', (message: MonitorReport) => this.#take(message));
    worker.on('error', (error) => this.#options.onDeaf(error.message));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#worker = null;
        this.#wakeFd = -1;
        resolve();
      });
    });
    worker.unref();
    return worker;
  }

  #tell(order: MonitorOrder): void {
    this.#worker?.postMessage(order);
    this.#wake();
  }

  /** Wakes the thread. Before it is ready this does nothing: it reads its orders first of all. */
  #wake(): void {
    if (this.#wakeFd < 0) return;
    try {
      writeSync(this.#wakeFd, '!');
    } catch {
      // The thread has just ended by itself, and has said why.
      this.#wakeFd = -1;
    }
  }

  #take(message: MonitorReport): void {
    switch (message.report) {
      case 'ready':
        this.#wakeFd = message.wakeFd;
        this.#wake();
        return;
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
