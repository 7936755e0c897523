/** Which hosts live, by their leases. One whose agent is begun anew is not lost meanwhile. */
import type { HostName } from '../../cluster/names.ts';
import type { Change, Store } from '../../cluster/store.ts';
import { LEASE_RENEW_MS } from '../../cluster/times.ts';

export class Living {
  readonly #onChange: () => void;
  readonly #alive: Set<HostName>;
  readonly #going = new Map<HostName, NodeJS.Timeout>();
  readonly #lost = new Set<HostName>();

  private constructor(alive: readonly HostName[], onChange: () => void) {
    this.#alive = new Set(alive);
    this.#onChange = onChange;
  }

  /** `onChange` is called when a host is lost or back. Throws E_STORE. */
  static async begin(store: Store, onChange: () => void): Promise<Living> {
    const leases = await store.list('lease', '');
    return new Living(
      leases.map(({ key }) => key),
      onChange,
    );
  }

  /** Those of the hosts for which nobody speaks. One of which nothing was heard yet is not here, but where it was lost already. */
  lostOf(hosts: readonly HostName[]): ReadonlySet<HostName> {
    return new Set(hosts.filter((host) => this.#lost.has(host) || !this.#alive.has(host)));
  }

  /** A lease has changed. */
  take({ key: host, value }: Change): void {
    clearTimeout(this.#going.get(host));
    this.#going.delete(host);
    if (value === null) {
      const timer = setTimeout(() => this.#lose(host), LEASE_RENEW_MS);
      timer.unref();
      this.#going.set(host, timer);
      return;
    }
    const isNews = !this.#alive.has(host) || this.#lost.has(host);
    this.#alive.add(host);
    this.#lost.delete(host);
    if (isNews) this.#onChange();
  }

  end(): void {
    for (const timer of this.#going.values()) clearTimeout(timer);
  }

  #lose(host: HostName): void {
    this.#going.delete(host);
    this.#lost.add(host);
    this.#onChange();
  }
}
