/** Asks the hosts of a proof, all at the same time. One that does not answer once is not asked again. */
import type { HostName } from '../../cluster/names.ts';
import type { Store } from '../../cluster/store.ts';
import { askSubject } from '../../cluster/subjects.ts';
import type { ErrorCode } from '../../errors.ts';
import { PROBE, packMessage, type Step, unpackMessage } from './messages.ts';

interface Said {
  readonly answer?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

export class HostsAsked {
  /** Hosts that do not take part any more, and why, for people. */
  readonly silent: Map<HostName, string>;
  readonly #store: Store;
  readonly #lab: string;
  readonly #hosts: readonly HostName[];

  /** `silent`: hosts that are known to be away. */
  constructor(store: Store, lab: string, hosts: readonly HostName[], silent: ReadonlyMap<HostName, string>) {
    this.#store = store;
    this.#lab = lab;
    this.#hosts = hosts;
    this.silent = new Map(silent);
  }

  /** The answers of those that take part, as `T`: all hosts run the same linkloom, or refuse. null: the host is not asked. */
  async all<T>(stepOf: (host: HostName) => Step | null, timeoutMs: number): Promise<ReadonlyMap<HostName, T>> {
    const asked = this.#hosts.filter((host) => !this.silent.has(host));
    const answers = new Map<HostName, T>();
    await Promise.all(
      asked.map(async (host) => {
        const step = stepOf(host);
        if (step === null) return;
        const answer = await this.#ask(host, step, timeoutMs);
        if (answer !== null) answers.set(host, answer.of as T);
      }),
    );
    return answers;
  }

  /** null: it does not answer, or refuses. */
  async #ask(host: HostName, step: Step, timeoutMs: number): Promise<{ readonly of: unknown } | null> {
    try {
      const data = await packMessage(step);
      const bytes = await this.#store.ask(askSubject(host, this.#lab, PROBE), data, timeoutMs);
      const { answer, error } = (await unpackMessage(bytes)) as Said;
      if (error === undefined) return { of: answer };
      this.silent.set(host, `host ${host}: ${error.message}`);
    } catch {
      this.silent.set(host, silence(host));
    }
    return null;
  }
}

export function silence(host: HostName): string {
  return `host ${host} does not answer`;
}
