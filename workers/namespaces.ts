import { fstatSync } from 'node:fs';
import type { NsId } from '../src/net/ns-id.ts';
import { faulting } from './netlink/fault.ts';
import { NetlinkSocket } from './netlink/socket.ts';
import {
  closeNamespace,
  enter,
  homeInode,
  type Identity,
  identityOf,
  newNamespace,
  openNamespace,
  pathOf,
} from './netns.ts';
import { NetnsLock } from './netns-lock.ts';
import type { SparePool } from './spares.ts';

/** A namespace that a task works on: its descriptor, its identity and, once asked for, a socket bound to it. */
export class Namespace {
  readonly ns: NsId;
  readonly fd: number;
  #identity: Identity | null;
  #socket: NetlinkSocket | null = null;

  /** Takes the descriptor over. `identity` null: not known yet. */
  private constructor(ns: NsId, fd: number, identity: Identity | null) {
    this.ns = ns;
    this.fd = fd;
    this.#identity = identity;
  }

  /** Throws SystemFault. */
  static open(ns: NsId): Namespace {
    const { fd, ...identity } = openNamespace(ns);
    return new Namespace(ns, fd, identity);
  }

  /** One that has no name yet, by its descriptor, which is the object's from now on. */
  static nameless(ns: NsId, fd: number): Namespace {
    return new Namespace(ns, fd, null);
  }

  /** Which namespace it is, whatever its name says later. Throws SystemFault. */
  get identity(): Identity {
    this.#identity ??= faulting('fstat', pathOf(this.ns), () => identityOf(fstatSync(this.fd)));
    return this.#identity;
  }

  get inode(): number {
    return this.identity.inode;
  }

  /** The namespace's netlink socket. Opening it enters the namespace for a moment (CAP_SYS_ADMIN); our own needs no entering. Throws SystemFault. */
  get socket(): NetlinkSocket {
    this.#socket ??= this.enter(() => new NetlinkSocket());
    return this.#socket;
  }

  /** Runs `inside` in this namespace. Synchronous; throws SystemFault or HomeLost. */
  enter<T>(inside: () => T): T {
    return this.inode === homeInode() ? inside() : enter(this.fd, pathOf(this.ns), inside);
  }

  /** Opens the socket while the thread is in this namespace already. */
  openSocketHere(): void {
    this.#socket ??= new NetlinkSocket();
  }

  [Symbol.dispose](): void {
    this.#socket?.[Symbol.dispose]();
    closeNamespace(this.fd);
  }
}

/** The namespaces that one task needs, each opened once and all closed when the task ends. */
export class Namespaces {
  readonly #open = new Map<NsId, Namespace>();
  readonly #spares: SparePool | null;
  /** On their names. */
  readonly lock = new NetnsLock();

  constructor(spares: SparePool | null = null) {
    this.#spares = spares;
  }

  /** Opens it, or returns what is open. Throws SystemFault. */
  get(ns: NsId): Namespace {
    const known = this.#open.get(ns);
    if (known) return known;
    const opened = Namespace.open(ns);
    this.#open.set(ns, opened);
    return opened;
  }

  /** A new one, out of the spares if there is one; whoever asks for it gives it its name. Throws SystemFault. */
  create(ns: NsId): Namespace {
    this.release(ns);
    const created = Namespace.nameless(ns, this.#spares?.take() ?? newNamespace(pathOf(ns)));
    this.#open.set(ns, created);
    return created;
  }

  /** Closes one early: a namespace lives as long as somebody has it open. */
  release(ns: NsId): void {
    this.#open.get(ns)?.[Symbol.dispose]();
    this.#open.delete(ns);
  }

  [Symbol.dispose](): void {
    for (const namespace of this.#open.values()) namespace[Symbol.dispose]();
    this.#open.clear();
    this.lock[Symbol.dispose]();
  }
}
