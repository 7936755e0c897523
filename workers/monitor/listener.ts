import type { NsId } from '../../src/net/ns-id.ts';
import type { OpFailure } from '../../src/wire/failure.ts';
import type { Heard, HeardNs, MonitorStart, Seen } from '../../src/wire/monitor.ts';
import { failureOf } from '../failure.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { closeNamespace, enter, enterNew, HomeLost, inodeOf, openNamespace } from '../netns.ts';
import { namespaceIdOf } from '../rtnl/dump.ts';
import { readChange } from './change.ts';
import { MonitorSocket } from './socket.ts';
import { Witness } from './witness.ts';

interface Known {
  readonly inode: number;
  readonly nsid: number;
}

/** Listens to a set of namespaces. A namespace made for that knows each of them by an id, so that none is kept alive. */
export class Listener {
  readonly #group: number;
  /** null: only what has changed is wanted, not what it is now. */
  readonly #witness: Witness | null;
  readonly #socket: MonitorSocket;
  readonly #ids: NetlinkSocket;
  readonly #known = new Map<NsId, Known>();
  readonly #byId = new Map<number, HeardNs>();
  /** Namespaces that are new to the set. Their earlier changes were not heard. */
  #fresh: NsId[] = [];
  /** The state that was last reported for each device, by namespace and index. */
  readonly #told = new Map<string, string>();

  /** Needs CAP_SYS_ADMIN. Throws SystemFault or HomeLost. */
  constructor({ group, details }: MonitorStart) {
    this.#group = group;
    this.#witness = details ? new Witness(group) : null;
    [this.#socket, this.#ids] = enterNew('monitor', () => [new MonitorSocket(), new NetlinkSocket()] as const);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  /** Sets the namespaces to listen to. Returns those that it can't listen to. */
  listen(namespaces: readonly HeardNs[]): readonly { readonly ns: NsId; readonly failure: OpFailure }[] {
    const wanted = new Set(namespaces.map(({ ns }) => ns));
    for (const [ns, { nsid }] of this.#known) {
      if (wanted.has(ns)) continue;
      this.#forget(ns, nsid);
      this.#witness?.look(ns, null, null);
    }
    return namespaces.flatMap((heard) => {
      try {
        this.#add(heard);
        return [];
      } catch (error) {
        if (error instanceof HomeLost) throw error;
        return [{ ns: heard.ns, failure: failureOf(null, error) }];
      }
    });
  }

  /** What was seen up to the last `take` or `listen`; nothing unless details are wanted. */
  seen(): readonly Seen[] {
    return this.#witness?.take() ?? [];
  }

  /** Looks at all namespaces again, since notifications were lost. Does nothing unless details are wanted. */
  lookAgain(): void {
    for (const ns of this.#witness === null ? [] : this.#known.keys()) this.#look(ns);
  }

  /**
   * All changes since the last call, without repetitions. A new namespace counts as changed. Null: changes were lost, since
   * there were more than the socket could hold.
   */
  take(): readonly Heard[] | null {
    const heard = new Map<string, Heard>(this.#fresh.map((ns) => [ns, { ns, what: 'device', alias: null }]));
    this.#fresh = [];
    const isWhole = this.#socket.drain((nsid, type, bytes, start, end) => {
      const place = this.#byId.get(nsid);
      if (!place) return;
      this.#witness?.note(place.ns, type, bytes, start, end);
      const change = readChange(type, bytes, start, end, {
        ...{ group: this.#group, role: place.role },
        // One that was told of, and is called otherwise or is the lab's no more, is news too.
        concerns: ({ ifname, ifindex }) =>
          place.devices?.includes(ifname) === true || this.#told.has(`${nsid} ${ifindex}`),
      });
      if (change === null || !this.#isNews(nsid, change.ifindex, change.state)) return;
      const { what, alias } = change;
      heard.set(`${place.ns} ${what} ${alias ?? ''}`, { ns: place.ns, what, alias });
    });
    return isWhole ? [...heard.values()] : null;
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
    this.#ids[Symbol.dispose]();
  }

  /** Whether a notification says anything new. A carrier that comes and goes repeats the same settings of its device. */
  #isNews(nsid: number, ifindex: number | null, state: string | null): boolean {
    if (state === null) {
      this.#told.delete(`${nsid} ${ifindex}`);
      return true;
    }
    if (this.#told.get(`${nsid} ${ifindex}`) === state) return false;
    this.#told.set(`${nsid} ${ifindex}`, state);
    return true;
  }

  #add(heard: HeardNs): void {
    const inode = inodeOf(heard.ns);
    const known = this.#known.get(heard.ns);
    if (known && known.inode === inode) {
      this.#byId.set(known.nsid, heard);
      return;
    }
    if (known) this.#forget(heard.ns, known.nsid);
    if (inode === null) {
      if (known) this.#witness?.look(heard.ns, null, null);
      return;
    }
    const { fd } = openNamespace(heard.ns);
    try {
      const nsid = namespaceIdOf(this.#ids, fd);
      this.#known.set(heard.ns, { inode, nsid });
      this.#byId.set(nsid, heard);
      this.#fresh.push(heard.ns);
      if (this.#witness !== null) lookInto(this.#witness, heard.ns, fd, inode);
    } finally {
      closeNamespace(fd);
    }
  }

  #look(ns: NsId): void {
    if (this.#witness === null) return;
    try {
      const { fd, inode } = openNamespace(ns);
      try {
        lookInto(this.#witness, ns, fd, inode);
      } finally {
        closeNamespace(fd);
      }
    } catch (error) {
      // It has gone meanwhile: the next order to listen finds that out.
      if (error instanceof HomeLost) throw error;
    }
  }

  #forget(ns: NsId, nsid: number): void {
    this.#known.delete(ns);
    this.#witness?.forget(ns);
    if (this.#byId.get(nsid)?.ns === ns) this.#byId.delete(nsid);
    for (const key of this.#told.keys()) if (key.startsWith(`${nsid} `)) this.#told.delete(key);
  }
}

function lookInto(witness: Witness, ns: NsId, fd: number, inode: number): void {
  using socket = enter(fd, ns, () => new NetlinkSocket());
  witness.look(ns, socket, inode);
}
