/** The monitor's side in the main thread: starts it, tells it where to listen, and hands on what it hears. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { MONITOR_URL } from '../../layout.ts';
import type { Heard, HeardNs, MonitorOrder, MonitorReport, MonitorStart } from '../../wire/monitor.ts';

export interface MonitorOptions {
  /** A group number of the lab. */
  readonly group: number;
  readonly onHeard: (changes: readonly Heard[]) => void;
  /** Anything may have changed. */
  readonly onOverrun: () => void;
  /** Why it hears nothing of a namespace, or nothing at all, for people. */
  readonly onDeaf: (why: string) => void;
}

/** Hears at once what changes in the namespaces of a lab. Needs CAP_SYS_ADMIN and CAP_NET_BROADCAST. */
export class LinkMonitor {
  readonly #options: MonitorOptions;
  #worker: Worker | null;
  #ended: Promise<void> = Promise.resolve();
  #wakeFd = -1;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  /** Listen to these namespaces and no others; ones that were made anew under their old name are found by themselves. */
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
    // None of the pool: it sleeps in the kernel, where nothing can interrupt it but what it waits for.
    const worker = new Worker(MONITOR_URL, { workerData: { group: this.#options.group } satisfies MonitorStart });
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

  /** Before it is ready there is nobody to wake: it looks at its orders first of all. */
  #wake(): void {
    if (this.#wakeFd < 0) return;
    try {
      writeSync(this.#wakeFd, '!');
    } catch {
      // It has just ended by itself, and said why.
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
        return this.#options.onHeard(message.changes);
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
