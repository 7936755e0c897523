/** Hosts that are only words in a store in memory: what verbs write is tried without agents. */
import type { Identity } from '../../../src/cluster/identity.ts';
import { packRecollection, type Recollection } from '../../../src/cluster/recollection.ts';
import { type Recorded, readRecord } from '../../../src/cluster/records.ts';
import type { HostFeature } from '../../../src/cluster/state.ts';
import { bytesOf, infoKey, stateKey } from '../../../src/cluster/states.ts';
import { recallSubject } from '../../../src/cluster/subjects.ts';
import { carryOut, type HostsIo, type HostsPlan, planOnHosts } from '../../../src/hosts/verbs/up.ts';
import type { Request } from '../../../src/lab/request.ts';
import { MemoryServer, MemoryStore } from './memory-store.ts';

const NAMES = ['h1', 'h2', 'h3'];

export class FakeHosts implements Disposable {
  readonly server = new MemoryServer();
  readonly store = new MemoryStore(this.server);
  readonly io: HostsIo = { store: this.store, emit: () => {}, signal: new AbortController().signal };
  /** What each host answers about each lab, whatever the store has. */
  readonly known = new Map<string, Map<string, Recorded>>();
  /** Blocks of which each host's kernel has VNIs. */
  readonly blocks = new Map<string, readonly number[]>();
  readonly #end = new AbortController();

  /** A host that lives: it has told of itself, what its kernel can do too, and answers. */
  async live(name: string, features: readonly HostFeature[] = []): Promise<void> {
    const info = { version: '0.1.0', address: `192.0.2.${NAMES.indexOf(name) + 1}`, underlayMtu: 1500 } as const;
    const rest = { features, nodes: [], labels: {}, capacity: { cpus: 2, memoryMiB: 1024 } };
    await this.store.write('state', infoKey(name), bytesOf({ ...info, ...rest }), 'any');
    await this.store.write('lease', name, bytesOf({ boot: 'b', pid: 1, holder: name }), 'any');
    if (this.known.has(name)) return;
    this.known.set(name, new Map());
    void this.store.answer(recallSubject(name), ({ data }) => this.#answer(name, data), this.#end.signal);
  }

  async allLive(): Promise<void> {
    for (const name of NAMES) await this.live(name);
  }

  /** The host is cut off: its lease has gone. */
  async lose(name: string): Promise<void> {
    await this.store.remove('lease', name, 'any');
  }

  async plan(configuration: object, isDry = false): Promise<HostsPlan> {
    return await planOnHosts(requestFor(configuration), this.io, { isSticky: true, isDry });
  }

  /** Brings a lab up. Hosts that live take the record over, and say so. */
  async up(configuration: object): Promise<Recorded> {
    const plan = await this.plan(configuration);
    await carryOut(plan, 0, this.io);
    return await this.taken(plan.lab);
  }

  async taken(lab: string): Promise<Recorded> {
    const recorded = (await readRecord(this.store, lab)) as Recorded;
    for (const [name, labs] of this.known) {
      if ((await this.store.read('lease', name)) === null) continue;
      labs.set(lab, recorded);
      await this.#tell(name, lab, recorded.identity, recorded.record.deleted);
    }
    return recorded;
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #tell(host: string, lab: string, { epoch, revision: rev }: Identity, deleted: boolean): Promise<void> {
    const counts = { desired: 0, created: 0, changed: 0, removed: 0, failed: 0, ms: 0 };
    const rest = { failures: [], containers: [], held: null, at: '', phase: 'whole' as const };
    await this.store.write('state', stateKey(host, lab), bytesOf({ epoch, rev, deleted, ...counts, ...rest }), 'any');
  }

  async #answer(name: string, data: Uint8Array): Promise<Uint8Array> {
    const recorded = this.known.get(name)?.get(new TextDecoder().decode(data));
    const known: Recollection['known'] = recorded === undefined ? null : { ...recorded.record, ...recorded.identity };
    return await packRecollection({ known, blocks: this.blocks.get(name) ?? [] });
  }
}

/** A lab with these wires between nodes; `on` places nodes. */
export function labOf(lab: string, wires: readonly (readonly [string, string])[], hosts: object): object {
  return {
    ...{ lab, hosts },
    bridges: wires.map((ends) => ({ bridge: ends.join('-'), mode: 'direct' })),
    links: wires.flatMap((ends) =>
      ends.map((netns) => ({ netns, dev: ends.join('-'), bridge: ends.join('-'), mtu: 1400 })),
    ),
  };
}

/** What a verb is asked for this configuration, as if by standard input. */
export function requestFor(configuration: object): Request {
  return {
    load: {
      ...{ cwd: '/', env: {}, files: ['-'], asCompose: false },
      readStdin: async () => Buffer.from(JSON.stringify(configuration)),
    },
    defaults: { haveOpenvswitch: null },
    ...{ side: 'netns', preflight: false, workers: 1, sockets: { dockerSocket: '', podmanSocket: '' } },
  };
}
