/** The main thread's side of the prober: starts its thread, and gives it orders one after the other. */
import type { Worker } from 'node:worker_threads';
import { LinkloomError } from '../../errors.ts';
import { PROBER_URL } from '../../layout.ts';
import { macBytes } from '../../net/mac.ts';
import { OWN_NS } from '../../net/ns-id.ts';
import type {
  ProbeBatch,
  ProbeEnd,
  ProbeEnds,
  ProbeOrder,
  ProbePlace,
  ProbeReport,
  ProbeStart,
} from '../../wire/probe.ts';
import { describe } from '../failure.ts';
import { keepRoom } from '../machine/heap.ts';
import { startThread } from './start-thread.ts';

type Opened = Extract<ProbeReport, { report: 'opened' }>;
type Sent = Extract<ProbeReport, { report: 'sent' }>;

/** The most memory of the thread for what is new, in MiB: it keeps little, and without a limit V8 takes up to 48 MiB. */
const YOUNG_MIB = 6;

/** Sends probes from many namespaces, and says where they arrive. Needs CAP_SYS_ADMIN and CAP_NET_RAW. */
export class ProbeThread implements AsyncDisposable {
  readonly #stop = new SharedArrayBuffer(4);
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #failed: Error | null = null;
  #isClosing = false;
  #answer: { readonly resolve: (report: ProbeReport) => void; readonly reject: (error: Error) => void } | null = null;

  /** Starts the thread, which takes some 40 ms beside all else. */
  constructor() {
    this.#worker = startThread(PROBER_URL, {
      workerData: { stop: this.#stop } satisfies ProbeStart,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#worker.on('message', (report: ProbeReport) => this.#settle(report, null));
    this.#worker.on('error', (error) => this.#settle(null, error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#settle(null, new Error('the thread that sends probes has ended'));
        resolve();
      });
    });
  }

  /** Opens the sockets. Once, before all else. `run`: as of the order. Throws LinkloomError. */
  async open(
    places: readonly ProbePlace[],
    ends: readonly ProbeEnd[],
    run: Uint8Array | null = null,
  ): Promise<Omit<Opened, 'report'>> {
    const opened = (await this.#ask({ order: 'open', places, ends: columnsOf(ends), run })) as Opened;
    keepRoom();
    return opened;
  }

  /** Sends probes and waits for them. Throws LinkloomError. */
  async send(batch: ProbeBatch): Promise<Omit<Sent, 'report'>> {
    return (await this.#ask({ order: 'send', batch })) as Sent;
  }

  /** Waits for nothing any more: what is sent from now on reports at once what has arrived. */
  stop(): void {
    Atomics.store(new Int32Array(this.#stop), 0, 1);
  }

  /** Begins to close the sockets, for which the kernel takes its time (a grace period each), and to end the thread. */
  close(): void {
    this.stop();
    if (!this.#isClosing) this.#worker.postMessage({ order: 'close' } satisfies ProbeOrder);
    this.#isClosing = true;
  }

  /** Closes all sockets and ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#ended;
  }

  async #ask(order: ProbeOrder): Promise<ProbeReport> {
    if (this.#failed !== null) throw this.#failed;
    const report = await new Promise<ProbeReport>((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#worker.postMessage(order);
    });
    if (report.report !== 'failed') return report;
    const { code, message, hint } = describe(report.failure, null, OWN_NS);
    throw new LinkloomError(code, `could not send probes: ${message}`, hint === undefined ? {} : { hint });
  }

  #settle(report: ProbeReport | null, error: Error | null): void {
    const answer = this.#answer;
    this.#answer = null;
    if (report !== null) return answer?.resolve(report);
    this.#failed = error;
    answer?.reject(error ?? new Error('no answer'));
  }
}

/** Six bytes (IEEE 802). */
const MAC_BYTES = 6;

function columnsOf(ends: readonly ProbeEnd[]): ProbeEnds {
  const macs = new Uint8Array(MAC_BYTES * ends.length);
  for (const [number, { mac }] of ends.entries()) macs.set(macBytes(mac), MAC_BYTES * number);
  return {
    place: Int32Array.from(ends, ({ place }) => place),
    ifindex: Int32Array.from(ends, ({ ifindex }) => ifindex),
    macs,
    isPort: Uint8Array.from(ends, ({ isPort }) => (isPort ? 1 : 0)),
    addresses: new Map(ends.flatMap(({ address }, number) => (address === null ? [] : [[number, address] as const]))),
  };
}
