/** Watches the kernel for what happens to the devices of a lab, in every namespace that can be named. */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { namedNamespaces } from '../../engine/named-namespaces.ts';
import { LinkMonitor } from '../../engine/threads/monitor.ts';
import { groupOf, ROLE } from '../../net/mark.ts';
import { HOST_NS, NETNS_DIRECTORY, type NsId, namedNs, nsPath, OWN_NS, processNs } from '../../net/ns-id.ts';
import type { Container } from '../../topology/topology.ts';
import type { HeardNs, Seen } from '../../wire/monitor.ts';

/** How long it is waited for more names to come or go in /run/netns. In a large lab it is as much longer as looking takes. */
const NAMES_DELAY_MS = 20;
const NAMES_DELAY_FACTOR = 5;
/** A name comes before the namespace is mounted on it, which nobody tells of. */
const MOUNT_DELAY_MS = 250;
/** How often it is looked for namespaces without being told that there is a new one. */
const RENEW_MS = 5_000;

export interface KernelWatchOptions {
  readonly lab: string;
  /** Namespaces that have neither a name nor a container. */
  readonly more: readonly NsId[];
  /** The containers that run. */
  readonly containers: () => readonly Container[];
  readonly onSeen: (seen: readonly Seen[]) => void;
  /** Something of the lab has changed. */
  readonly onChange: () => void;
  readonly onOverrun: () => void;
  /** It can't listen in a namespace, for this reason. */
  readonly onDeaf: (why: string) => void;
}

/** Needs CAP_SYS_ADMIN and CAP_NET_BROADCAST. */
export class KernelWatch implements AsyncDisposable {
  readonly #options: KernelWatchOptions;
  readonly #monitor: LinkMonitor;
  readonly #timer: NodeJS.Timeout;
  #names: FSWatcher | null = null;
  #delay: NodeJS.Timeout | null = null;
  #costMs = 0;
  /** Resolves when all that is there at the beginning has been seen. */
  readonly ready: Promise<void>;

  constructor(options: KernelWatchOptions) {
    this.#options = options;
    this.#monitor = new LinkMonitor({
      group: groupOf(options.lab, ROLE.nodeEnd),
      onHeard: options.onChange,
      onSeen: options.onSeen,
      onOverrun: options.onOverrun,
      onDeaf: options.onDeaf,
    });
    this.#timer = setInterval(() => void this.renew(), RENEW_MS);
    this.ready = this.renew();
  }

  /** Looks which namespaces there are, and listens in all of them. Resolves when it does. */
  renew(): Promise<void> {
    const beganMs = performance.now();
    this.#followNames();
    const listening = this.#monitor.listen(namespacesOf(this.#options.containers(), this.#options.more));
    this.#costMs = performance.now() - beganMs;
    return listening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.#delay !== null) clearTimeout(this.#delay);
    this.#names?.close();
    await this.#monitor[Symbol.asyncDispose]();
  }

  /** The directory may come later than this program, or go. */
  #followNames(): void {
    if (this.#names !== null) return;
    try {
      const names = watch(NETNS_DIRECTORY, { persistent: false }, () => this.#renewSoon(NAMES_DELAY_MS, true));
      const forget = (): void => {
        names.close();
        if (this.#names === names) this.#names = null;
      };
      names.on('error', forget);
      this.#names = names;
    } catch {
      // There is no such directory: the timer looks again.
    }
  }

  #renewSoon(leastMs: number, again: boolean): void {
    this.#delay ??= setTimeout(
      () => {
        this.#delay = null;
        void this.renew();
        if (again) this.#renewSoon(MOUNT_DELAY_MS, false);
      },
      Math.max(leastMs, this.#costMs * NAMES_DELAY_FACTOR),
    );
  }
}

/** Each namespace once: our own and the host's, then by its container, then by its name. */
function namespacesOf(containers: readonly Container[], more: readonly NsId[]): readonly HeardNs[] {
  const found = new Map<number, HeardNs>();
  const all: readonly NsId[] = [
    ...([OWN_NS, HOST_NS] as const),
    ...more,
    ...containers.map(({ pid }) => processNs(pid)),
    ...namedNamespaces().map(namedNs),
  ];
  const own = fileOf(OWN_NS);
  for (const ns of all) {
    const file = fileOf(ns);
    // All namespaces are files of one file system; other files in /run/netns are not of it.
    if (file !== null && file.dev === own?.dev && !found.has(file.ino)) found.set(file.ino, { ns, role: 'node' });
  }
  return [...found.values()];
}

function fileOf(ns: NsId): { readonly ino: number; readonly dev: number } | null {
  try {
    return statSync(ns === OWN_NS ? '/proc/self/ns/net' : nsPath(ns));
  } catch {
    return null;
  }
}
