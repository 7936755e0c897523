/**
 * Hosts that follow the records of labs, as they do it: everything that decides is the program's own (`spread/`, `cluster/identity`),
 * and around it there are a store, a kernel on each host, and messages that come late, twice, in any order or not at all.
 */
import { type Identity, isNews, isReached } from '../../../src/cluster/identity.ts';
import { type Part, partOf, waitsFor } from '../../../src/spread/part.ts';
import { domainKey, type HostName, numbered, type Spread, Whereabout } from '../../../src/spread/spread.ts';
import { blockOf, freeBlocks, giveVnis, NO_NUMBERS, type Numbers } from '../../../src/spread/vni.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { addressOf, HOSTS } from '../spread/labs.ts';

export interface Written extends Identity {
  readonly lab: string;
  readonly topology: Topology;
  readonly spread: Spread;
  readonly numbers: Numbers;
  readonly deleted: boolean;
}

/** What a host has of a lab in its kernel: links, and for each VNI the domain and the remote ends. */
interface Made {
  readonly of: Identity;
  readonly links: ReadonlySet<string>;
  readonly tunnels: ReadonlyMap<number, { readonly domain: string; readonly remotes: readonly string[] }>;
}

const NOTHING: Omit<Made, 'of'> = { links: new Set(), tunnels: new Map() };

export interface Host {
  readonly name: HostName;
  /** Survives the agent. */
  readonly kernel: Map<string, Made>;
  /** What the agent knows. Gone when it is killed. */
  known: Map<string, Written>;
  /** Whether the agent has looked at the store since it began: before that it takes nothing. */
  hasLooked: boolean;
  /** Labs of which commands have run, each with the state for which they did. */
  readonly commands: Map<string, Identity>;
}

export class World {
  epoch = 1;
  revision = 0;
  readonly hosts: readonly Host[] = HOSTS.map((name) => ({
    ...{ name, kernel: new Map(), known: new Map(), hasLooked: false, commands: new Map() },
  }));
  /** The store: the newest record of each lab, the owners of blocks, and how far each host says that it is. */
  records = new Map<string, Written>();
  owners = new Map<number, string>();
  states = new Map<string, Identity>();
  /** Every record ever written. */
  readonly sent: Written[] = [];
  /** Those of this store: any of them may be delivered at any time. */
  inFlight: Written[] = [];

  host(at: number): Host {
    return this.hosts[at % this.hosts.length] as Host;
  }

  identity(): Identity {
    return { epoch: new Date(Date.UTC(2026, 0, this.epoch)).toISOString(), revision: this.revision };
  }

  /**
   * Someone changes a lab, having read it as it was `behind` writes ago. Returns whether the write won. After the store was wiped,
   * the newest record that a host knows takes the place of the one that is gone.
   */
  write(lab: string, topology: Topology, place: Spread['place'], read: Written | undefined, deleted = false): boolean {
    const current = this.records.get(lab);
    if (current?.revision !== read?.revision) return false;
    const bare: Spread = {
      ...{ hosts: Object.fromEntries(HOSTS.map((host) => [host, addressOf(host)])), place, claims: new Map(), vni: {} },
    };
    const numbers = this.#number(lab, deleted ? [] : numbered(new Whereabout(topology, bare)), read);
    this.revision++;
    const written = { ...this.identity(), lab, topology, spread: { ...bare, vni: numbers.vni }, numbers, deleted };
    this.records.set(lab, written);
    this.sent.push(written);
    this.inFlight.push(written);
    return true;
  }

  #number(lab: string, domains: readonly string[], read: Written | undefined): Numbers {
    let before = read?.numbers ?? this.#remembered(lab);
    const reached = read === undefined ? 0 : this.#reachedByAll(lab, read);
    for (;;) {
      const asked = { domains, before, revision: read?.revision ?? 0, reached, taken: new Set<number>() };
      const given = giveVnis(asked);
      if ('numbers' in given) return given.numbers;
      const told = this.hosts.flatMap(({ kernel, known }) => [
        ...[...kernel.values()].flatMap(({ tunnels }) => [...tunnels.keys()].map(blockOf)),
        ...[...known.values()].flatMap(({ deleted, numbers }) => (deleted ? [] : numbers.block)),
      ]);
      const made = [...freeBlocks(new Set([...this.owners.keys(), ...told]))].slice(0, given.missing);
      for (const block of made) this.owners.set(block, lab);
      before = { ...before, block: [...before.block, ...made] };
    }
  }

  /** The numbers of the newest record that any host knows; those that were retired rest until all hosts are in the new epoch. */
  #remembered(lab: string): Numbers {
    let newest: Written | undefined;
    for (const { known } of this.hosts) {
      const one = known.get(lab);
      if (one !== undefined && isNews(newest ?? null, one)) newest = one;
    }
    if (newest === undefined) return NO_NUMBERS;
    // The other lab may have made the key of a block of which no host had a tunnel.
    const block = newest.numbers.block.filter((one) => (this.owners.get(one) ?? lab) === lab);
    for (const one of block) this.owners.set(one, lab);
    return {
      ...newest.numbers,
      block,
      retired: Object.fromEntries(Object.keys(newest.numbers.retired).map((vni) => [vni, 0])),
    };
  }

  #reachedByAll(lab: string, { epoch }: Identity): number {
    return Math.min(
      ...this.hosts.map(({ name }) => {
        const state = this.states.get(`${name} ${lab}`);
        return state?.epoch === epoch ? state.revision : 0;
      }),
    );
  }

  /** The store is made anew: nothing of it is left. */
  wipe(): void {
    this.epoch++;
    this.revision = 0;
    this.records = new Map();
    this.owners = new Map();
    this.states = new Map();
    this.inFlight = [];
  }

  /** A message arrives, maybe an old one. */
  deliver(host: Host, written: Written): void {
    if (!host.hasLooked) return;
    if (isNews(host.known.get(written.lab) ?? null, written)) host.known.set(written.lab, written);
  }

  /** The agent looks at the store. What is not there says nothing. */
  look(host: Host): void {
    host.hasLooked = true;
    for (const record of this.records.values()) this.deliver(host, record);
  }

  kill(host: Host): void {
    host.known = new Map();
    host.hasLooked = false;
  }

  /** The agent makes its part of what it knows, and says so. */
  apply(host: Host, lab: string): void {
    const record = host.known.get(lab);
    if (record === undefined) return;
    const made = record.deleted ? NOTHING : madeOf(partOf(record.topology, record.spread, host.name), record);
    host.kernel.set(lab, { of: record, ...made });
    const { epoch, revision } = record;
    if (epoch === this.identity().epoch) this.states.set(`${host.name} ${lab}`, { epoch, revision });
  }

  /** The agent runs the commands of its part, if it may. */
  command(host: Host, lab: string): void {
    const record = host.known.get(lab);
    const made = host.kernel.get(lab);
    if (record === undefined || record.deleted || !isReached(made?.of ?? null, record)) return;
    const part = partOf(record.topology, record.spread, host.name);
    const hasReached = (other: HostName): boolean => isReached(this.states.get(`${other} ${lab}`) ?? null, record);
    if (waitsFor(part, hasReached).length === 0) host.commands.set(lab, record);
  }
}

export function madeOf({ topology }: Part, { topology: whole }: Pick<Written, 'topology'>): Omit<Made, 'of'> {
  const domains = new Map(
    whole.bridges.map((bridge) => [
      bridge.name,
      domainKey({ bridge, links: whole.links.filter((link) => 'bridge' in link && link.bridge === bridge.name) }),
    ]),
  );
  return {
    links: new Set(topology.links.map(({ selector, dev }) => `${selector.kind}/${selector.name}:${dev}`)),
    tunnels: new Map(
      topology.tunnels.map(({ vni, bridge, flood, remote }) => [
        vni,
        { domain: domains.get(bridge) ?? bridge, remotes: flood ?? [remote] },
      ]),
    ),
  };
}
