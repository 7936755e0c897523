import { SystemFault } from '../netlink/fault.ts';
import { JsonRpc } from './jsonrpc.ts';
import { type OvsPaths, pidOf } from './process.ts';
import {
  type BridgeState,
  type Changes,
  map,
  type Operation,
  operationsOf,
  type Row,
  type Uuid,
  type Value,
} from './transaction.ts';

/** The database's name in ovs-vswitchd.conf.db(5). */
const DATABASE = 'Open_vSwitch';
/**
 * Longest time that ovs-vswitchd may take for one transaction. A thousand ports take it some seconds, or minutes on an
 * emulated machine.
 */
const APPLY_TIMEOUT_MS = 60_000;
const APPLY_TIMEOUT_PER_OPERATION_MS = 500;
/** How long the server waits for the counter to change before it answers one request. */
const LOOK_MS = 1000;

interface Answer {
  readonly rows?: readonly Row[];
  readonly error?: string;
  readonly details?: string;
}

/** The columns that are read, by table. */
const COLUMNS = {
  Bridge: ['_uuid', 'name', 'datapath_type', 'mcast_snooping_enable', 'external_ids', 'ports'],
  Port: ['_uuid', 'name', 'external_ids'],
  Interface: ['name', 'error'],
} as const;

/** An instance's database, through its server (ovsdb-server(7), RFC 7047). */
export class OvsDatabase {
  readonly #rpc: JsonRpc;
  readonly #paths: OvsPaths;

  /** Connects. Throws SystemFault `connect` if no server listens. */
  constructor(paths: OvsPaths) {
    this.#paths = paths;
    this.#rpc = new JsonRpc(paths.database);
  }

  [Symbol.dispose](): void {
    this.#rpc[Symbol.dispose]();
  }

  /** Creates the root row of a new database. All other rows are referred to from it. */
  initialise(lab: string): void {
    const [root] = this.#transact([select('Open_vSwitch', ['_uuid'])]);
    if ((root?.rows?.length ?? 0) > 0) return;
    this.#transact([
      { op: 'insert', table: 'Open_vSwitch', row: { external_ids: map({ 'linkloom-lab': lab }) } },
      // With this type Open vSwitch leaves the qdiscs of its ports alone. Otherwise it removes those that it did not set itself.
      { op: 'insert', table: 'QoS', row: { type: 'linux-noop', external_ids: map({ 'linkloom-lab': lab }) } },
    ]);
  }

  /** All bridges and their ports. */
  read(): readonly BridgeState[] {
    const [bridges, ports, interfaces] = this.#transact(
      Object.entries(COLUMNS).map(([table, columns]) => select(table, columns)),
    ).map(({ rows }) => rows ?? []);
    const errors = new Map((interfaces ?? []).map((row) => [row['name'], textOf(row['error']) || null]));
    const portOf = new Map(
      (ports ?? []).map((row) => {
        const dev = textOf(row['name']);
        return [uuidOf(row), { dev, uuid: uuidOf(row), owner: ownerOf(row), error: errors.get(dev) ?? null }] as const;
      }),
    );
    return (bridges ?? []).map((row): BridgeState => {
      const name = textOf(row['name']);
      const members = itemsOf(row['ports']).flatMap(([, uuid]) => portOf.get(uuid) ?? []);
      return {
        name,
        uuid: uuidOf(row),
        datapath: row['datapath_type'] === 'netdev' ? 'netdev' : 'system',
        mcastSnooping: row['mcast_snooping_enable'] === true,
        owner: ownerOf(row),
        error: errors.get(name) ?? null,
        ports: members.filter(({ dev }) => dev !== name),
      };
    });
  }

  /**
   * Makes the changes in one transaction; some of them may be made already. If ovs-vswitchd runs, waits until it has applied
   * them. Throws SystemFault if the transaction is refused or ovs-vswitchd ends meanwhile.
   */
  apply(changes: Changes): void {
    const operations = operationsOf(this.read(), changes, this.#noQueueing());
    if (operations.length + changes.ports.length + changes.bridges.length === 0) return;
    const counted = [
      ...operations,
      { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
      select('Open_vSwitch', ['next_cfg']),
    ];
    const answers = this.#transact(counted);
    const wanted = Number(answers[counted.length - 1]?.rows?.[0]?.['next_cfg'] ?? 0);
    const isApplied = this.#awaitSwitch(wanted, APPLY_TIMEOUT_MS + operations.length * APPLY_TIMEOUT_PER_OPERATION_MS);
    if (isApplied || changes.ports.length + changes.bridges.length === 0) return;
    throw new SystemFault('transact', 'ovs-vswitchd', 0, 'it does not run');
  }

  /** Removes the rows of ports, and waits for nobody. */
  forget(devs: readonly string[]): void {
    const deletions = devs.map((dev) => ({ what: 'port', dev }) as const);
    this.#transact(operationsOf(this.read(), { bridges: [], ports: [], deletions }, null));
  }

  /** Waits until ovs-vswitchd has applied the configuration of this number. Returns false if it does not run. */
  #awaitSwitch(wanted: number, timeoutMs: number): boolean {
    const deadlineMs = performance.now() + timeoutMs;
    while (pidOf(this.#paths, 'ovs-vswitchd') !== null) {
      const [now] = this.#transact([select('Open_vSwitch', ['cur_cfg'])]);
      const seen = Number(now?.rows?.[0]?.['cur_cfg'] ?? 0);
      if (seen >= wanted) return true;
      if (performance.now() > deadlineMs) {
        throw new SystemFault('transact', 'ovs-vswitchd', 0, `no answer within ${timeoutMs / 1000} s`);
      }
      this.#transact([
        {
          op: 'wait',
          timeout: LOOK_MS,
          table: 'Open_vSwitch',
          where: [],
          columns: ['cur_cfg'],
          until: '!=',
          rows: [{ cur_cfg: seen }],
        },
      ]);
    }
    return false;
  }

  /** The row that keeps Open vSwitch from the qdiscs of ports; null: there is none, or the database is not linkloom's to refer to its rows. */
  #noQueueing(): Uuid | null {
    if (this.#paths.isSystem) return null;
    const where = [['type', '==', 'linux-noop']];
    const [answer] = this.#transact([{ op: 'select', table: 'QoS', where, columns: ['_uuid'] }]);
    const row = answer?.rows?.[0];
    return row ? ['uuid', uuidOf(row)] : null;
  }

  #transact(operations: readonly Operation[]): readonly Answer[] {
    const answers = this.#rpc.call('transact', [DATABASE, ...operations]) as readonly (Answer | null)[];
    for (const answer of answers) {
      // A request that timed out is no failure: it is sent again.
      if (answer?.error === undefined || answer.error === 'timed out') continue;
      throw new SystemFault('transact', DATABASE, 0, [answer.error, answer.details].filter(Boolean).join(': '));
    }
    return answers.map((answer) => answer ?? {});
  }
}

function select(table: string, columns: readonly string[]): Operation {
  return { op: 'select', table, where: [], columns };
}

/** The lab that a row's mark names; null: it carries none. */
function ownerOf(row: Row): string | null {
  const value = row['external_ids'];
  const pairs = Array.isArray(value) && value[0] === 'map' ? (value[1] as readonly (readonly [string, string])[]) : [];
  return pairs.find(([key]) => key === 'linkloom-lab')?.[1] ?? null;
}

function uuidOf(row: Row): string {
  const value = row['_uuid'];
  return Array.isArray(value) ? String(value[1]) : '';
}

/** The items of a column of references, which is written as one reference or as a set. */
function itemsOf(value: Value | undefined): readonly Uuid[] {
  if (!Array.isArray(value)) return [];
  return (value[0] === 'set' ? value[1] : [value]) as readonly Uuid[];
}

/** The text of an optional column, which is written as a text or as an empty set; '' if absent. */
function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
