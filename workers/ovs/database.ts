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
/** How long ovs-vswitchd may take for one transaction: a thousand ports take it some seconds, on an emulated machine minutes. */
const APPLY_TIMEOUT_MS = 60_000;
const APPLY_TIMEOUT_PER_OPERATION_MS = 500;
/** How long one look waits in the server for the counter to move. */
const LOOK_MS = 1000;

interface Answer {
  readonly rows?: readonly Row[];
  readonly error?: string;
  readonly details?: string;
}

/** What of a database's tables is read. */
const COLUMNS = {
  Bridge: ['_uuid', 'name', 'datapath_type', 'mcast_snooping_enable', 'external_ids', 'ports'],
  Port: ['_uuid', 'name', 'external_ids'],
  Interface: ['name', 'error'],
} as const;

/** An instance's database, through its server (ovsdb-server(7), RFC 7047). */
export class OvsDatabase {
  readonly #rpc: JsonRpc;
  readonly #paths: OvsPaths;

  /** Connects. Throws SystemFault `connect` where no server listens. */
  constructor(paths: OvsPaths) {
    this.#paths = paths;
    this.#rpc = new JsonRpc(paths.database);
  }

  [Symbol.dispose](): void {
    this.#rpc[Symbol.dispose]();
  }

  /** The root row, which all others hang on, is made with a new database. */
  initialise(lab: string): void {
    const [root] = this.#transact([select('Open_vSwitch', ['_uuid'])]);
    if ((root?.rows?.length ?? 0) > 0) return;
    this.#transact([
      { op: 'insert', table: 'Open_vSwitch', row: { external_ids: map({ 'linkloom-lab': lab }) } },
      // Otherwise Open vSwitch takes every queueing discipline off its ports that it did not put there itself.
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
        return [uuidOf(row), { dev, uuid: uuidOf(row), ours: isOurs(row), error: errors.get(dev) ?? null }] as const;
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
        ours: isOurs(row),
        error: errors.get(name) ?? null,
        ports: members.filter(({ dev }) => dev !== name),
      };
    });
  }

  /**
   * Carries changes out in one transaction, whatever of them is there already, and waits until ovs-vswitchd has done its part
   * (where it runs). Throws SystemFault if the transaction is refused or ovs-vswitchd ends meanwhile.
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
    this.#awaitSwitch(wanted, APPLY_TIMEOUT_MS + operations.length * APPLY_TIMEOUT_PER_OPERATION_MS);
  }

  /** Waits until ovs-vswitchd has carried out the configuration of this number. */
  #awaitSwitch(wanted: number, timeoutMs: number): void {
    const deadlineMs = performance.now() + timeoutMs;
    while (pidOf(this.#paths, 'ovs-vswitchd') !== null) {
      const [now] = this.#transact([select('Open_vSwitch', ['cur_cfg'])]);
      const seen = Number(now?.rows?.[0]?.['cur_cfg'] ?? 0);
      if (seen >= wanted) return;
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
  }

  #noQueueing(): Uuid | null {
    const where = [['type', '==', 'linux-noop']];
    const [answer] = this.#transact([{ op: 'select', table: 'QoS', where, columns: ['_uuid'] }]);
    const row = answer?.rows?.[0];
    return row ? ['uuid', uuidOf(row)] : null;
  }

  #transact(operations: readonly Operation[]): readonly Answer[] {
    const answers = this.#rpc.call('transact', [DATABASE, ...operations]) as readonly (Answer | null)[];
    for (const answer of answers) {
      // A wait that timed out is no failure: it is asked again.
      if (answer?.error === undefined || answer.error === 'timed out') continue;
      throw new SystemFault('transact', DATABASE, 0, [answer.error, answer.details].filter(Boolean).join(': '));
    }
    return answers.map((answer) => answer ?? {});
  }
}

function select(table: string, columns: readonly string[]): Operation {
  return { op: 'select', table, where: [], columns };
}

/** The database is this lab's alone: any mark is its mark. */
function isOurs(row: Row): boolean {
  const value = row['external_ids'];
  const pairs = Array.isArray(value) && value[0] === 'map' ? (value[1] as readonly (readonly [string, string])[]) : [];
  return pairs.some(([key]) => key === 'linkloom-lab');
}

function uuidOf(row: Row): string {
  const value = row['_uuid'];
  return Array.isArray(value) ? String(value[1]) : '';
}

/** A column of references: one by itself, or a set. */
function itemsOf(value: Value | undefined): readonly Uuid[] {
  if (!Array.isArray(value)) return [];
  return (value[0] === 'set' ? value[1] : [value]) as readonly Uuid[];
}

/** A column of at most one text: the text, or an empty set. */
function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}
