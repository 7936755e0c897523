/** Tells the service manager that started the daemon how it is (sd_notify(3)), where there is one. */
import type { Workers } from '../engine/workers.ts';
import type { Emit } from '../events.ts';
import { type Condition, isHealthy } from './asked/condition.ts';

export interface ManagerOptions {
  /** As in NOTIFY_SOCKET: a path, or `@NAME`. undefined: there is no manager, and nobody is told. */
  readonly address: string | undefined;
  readonly workers: Workers;
  readonly emit: Emit;
}

/**
 * READY=1 is told after the first pass: the links of what runs are made, or it is told why not. What fails or waits is no reason not to
 * be ready, since it may wait for services that the manager starts later; STATUS= has it.
 */
export class ServiceManager implements AsyncDisposable {
  readonly #options: ManagerOptions;
  /** The messages, one after the other. */
  #sent: Promise<void> = Promise.resolve();
  #status = '';
  /** Whether it was told READY=1, and nothing since then that takes it back. */
  #isReady = false;
  #isStopping = false;
  #isReading = false;
  /** Configurations that were read and are not used yet. */
  #adoptions = 0;
  /** Whether a pass has to end before what is used is made. */
  #awaitsPass = true;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** A pass has ended. */
  passed(condition: Condition): void {
    if (!condition.isPassed) return;
    this.#awaitsPass = false;
    const status = statusOf(condition);
    const isNews = status !== this.#status;
    this.#status = status;
    this.#settle(isNews ? [`STATUS=${status}`] : []);
  }

  /** The files are read again. */
  reading(): void {
    this.#isReading = true;
    if (!this.#isReady || this.#isStopping) return;
    this.#isReady = false;
    // CLOCK_MONOTONIC, as process.hrtime has it: the manager compares it with the time of its own signal.
    this.#tell(['RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`]);
  }

  /** They are read. `isNew`: what they say will be used (`adopted`); else they say nothing new, or have faults. */
  read(isNew: boolean): void {
    this.#isReading = false;
    if (isNew) this.#adoptions += 1;
    this.#settle([]);
  }

  /** What was read is used from the pass on that is next to end. */
  adopted(): void {
    this.#adoptions -= 1;
    this.#awaitsPass = true;
  }

  stopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#tell(['STOPPING=1', 'STATUS=Stopping']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping();
    await this.#sent;
  }

  #settle(status: readonly string[]): void {
    if (this.#isStopping) return;
    const isNow = !this.#isReady && !this.#isReading && this.#adoptions === 0 && !this.#awaitsPass;
    if (isNow) this.#isReady = true;
    const lines = [...(isNow ? ['READY=1'] : []), ...status];
    if (lines.length > 0) this.#tell(lines);
  }

  #tell(lines: readonly string[]): void {
    const { address, workers, emit } = this.#options;
    if (address === undefined) return;
    const send = async (): Promise<void> => {
      try {
        const { failure } = await workers.ask({ task: 'notify', address, text: lines.join('\n') });
        if (failure === null) return;
        const why = [failure.call, failure.errnoName].filter((word) => word !== null).join(' ');
        emit({ type: 'notice', message: `the service manager can't be told ${lines[0]} (${address}): ${why}` });
      } catch {
        // The workers have ended with the daemon.
      }
    };
    this.#sent = this.#sent.then(send);
  }
}

function statusOf(condition: Condition): string {
  const { lost, failing, waiting } = condition;
  if (isHealthy(condition)) return 'All links connected';
  const parts = [
    ...(failing.length > 0 ? [`${failing.length} failed: ${some(failing)}`] : []),
    ...(waiting.length > 0 ? [`${waiting.length} waiting: ${some(waiting)}`] : []),
    ...(lost.length > 0 ? [`no answer: ${some(lost)}`] : []),
  ];
  return parts.join('; ').replaceAll('\n', ' ');
}

/** The first ones; `systemctl status` has a line for them all. */
function some(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}…` : names.join(', ');
}
