import { type Mark, markOf } from '../../src/net/mark.ts';
import type { OvsBridge, OvsDel, OvsPort } from '../../src/wire/ops/switch.ts';

/** Values of the database in the notation of RFC 7047. */
export type Uuid = readonly ['uuid', string];
export type Value = string | number | boolean | readonly [string, unknown];
export type Row = Readonly<Record<string, Value>>;
export type Operation = Readonly<Record<string, unknown>>;

/** A port in the database. */
export interface PortState {
  readonly dev: string;
  readonly uuid: string;
  /** The lab that its mark names; null: it carries none. */
  readonly owner: string | null;
  /** Why ovs-vswitchd could not use the device; null: it could. */
  readonly error: string | null;
}

/** A bridge in the database. */
export interface BridgeState {
  readonly name: string;
  readonly uuid: string;
  readonly datapath: 'system' | 'netdev';
  readonly mcastSnooping: boolean;
  /** As of a port. */
  readonly owner: string | null;
  /** Why ovs-vswitchd could not use the bridge's own device; null: it could. */
  readonly error: string | null;
  /** All ports but the bridge's own device. */
  readonly ports: readonly PortState[];
}

/** What one transaction changes. */
export interface Changes {
  readonly bridges: readonly OvsBridge[];
  readonly ports: readonly OvsPort[];
  readonly deletions: readonly Pick<OvsDel, 'what' | 'dev'>[];
}

/** The operations that make these changes in a database that has these bridges. */
export function operationsOf(
  states: readonly BridgeState[],
  changes: Changes,
  noQueueing: Uuid | null,
): readonly Operation[] {
  const writer = new Writer(states, noQueueing);
  for (const { what, dev } of changes.deletions) {
    if (what === 'bridge') writer.deleteBridge(dev);
    else writer.deletePort(dev, null);
  }
  for (const bridge of changes.bridges) writer.bridge(bridge);
  for (const port of changes.ports) writer.port(port);
  return writer.finish();
}

/** Collects the operations of one transaction, so that each bridge's set of ports is changed only once. */
class Writer {
  readonly #bridges: ReadonlyMap<string, BridgeState>;
  readonly #ports: ReadonlyMap<string, PortState & { readonly bridge: BridgeState }>;
  readonly #noQueueing: Uuid | null;
  readonly #operations: Operation[] = [];
  readonly #made = new Map<string, Row>();
  readonly #madePorts = new Map<string, unknown[]>();
  readonly #joining = new Map<string, unknown[]>();
  readonly #leaving = new Map<string, unknown[]>();
  readonly #goingBridges: unknown[] = [];
  #names = 0;

  constructor(states: readonly BridgeState[], noQueueing: Uuid | null) {
    this.#bridges = new Map(states.map((state) => [state.name, state]));
    this.#ports = new Map(
      states.flatMap((bridge) => bridge.ports.map((port) => [port.dev, { ...port, bridge }] as const)),
    );
    this.#noQueueing = noQueueing;
  }

  deleteBridge(name: string): void {
    const state = this.#bridges.get(name);
    if (state) this.#goingBridges.push(['uuid', state.uuid]);
  }

  /** Deletes a port from the bridge that it is in, unless that bridge is `keepIn`. */
  deletePort(dev: string, keepIn: string | null): void {
    const port = this.#ports.get(dev);
    if (port && port.bridge.name !== keepIn) listIn(this.#leaving, port.bridge.uuid).push(['uuid', port.uuid]);
  }

  bridge(op: OvsBridge): void {
    const row = {
      datapath_type: op.datapath === 'netdev' ? 'netdev' : '',
      mcast_snooping_enable: op.mcastSnooping,
      external_ids: marks(op.alias),
    };
    const state = this.#bridges.get(op.dev);
    if (state) {
      this.#operations.push({ op: 'update', table: 'Bridge', where: [['_uuid', '==', ['uuid', state.uuid]]], row });
      return;
    }
    this.#made.set(op.dev, { name: op.dev, ...row });
    listIn(this.#madePorts, op.dev).push(this.#insertPort(op.dev, 'internal', {}));
  }

  port(op: OvsPort): void {
    this.deletePort(op.dev, op.bridge);
    const there = this.#ports.get(op.dev);
    if (there?.bridge.name === op.bridge) return this.#mark(there, op.alias);
    const queueing = this.#noQueueing === null ? {} : { qos: this.#noQueueing };
    const row = this.#insertPort(op.dev, '', { external_ids: marks(op.alias), ...queueing });
    const state = this.#bridges.get(op.bridge);
    if (state) listIn(this.#joining, state.uuid).push(row);
    else listIn(this.#madePorts, op.bridge).push(row);
  }

  finish(): readonly Operation[] {
    const bridges = [...this.#made].map(([name, row]) => {
      const ports = ['set', this.#madePorts.get(name) ?? []] as const;
      return this.#insert('Bridge', { ...row, ports });
    });
    for (const [uuid, rows] of this.#leaving) this.#mutateBridge(uuid, 'delete', rows);
    for (const [uuid, rows] of this.#joining) this.#mutateBridge(uuid, 'insert', rows);
    this.#mutateRoot('delete', this.#goingBridges);
    this.#mutateRoot('insert', bridges);
    return this.#operations;
  }

  /** Marks a row that is there, and leaves the other words on it. */
  #mark({ uuid, owner }: PortState, alias: string): void {
    if (owner === markOf(alias)?.lab) return;
    const mark = marks(alias);
    const keys = (mark[1] as readonly (readonly [string, string])[]).map(([key]) => key);
    const mutations = [
      ['external_ids', 'delete', ['set', keys]],
      ['external_ids', 'insert', mark],
    ];
    this.#operations.push({ op: 'mutate', table: 'Port', where: [['_uuid', '==', ['uuid', uuid]]], mutations });
  }

  #insertPort(dev: string, type: string, more: Row): readonly ['named-uuid', string] {
    const device = this.#insert('Interface', { name: dev, type });
    return this.#insert('Port', { name: dev, interfaces: device, ...more });
  }

  #insert(table: string, row: Row): readonly ['named-uuid', string] {
    const name = `row${this.#names++}`;
    this.#operations.push({ op: 'insert', table, row, 'uuid-name': name });
    return ['named-uuid', name];
  }

  #mutateBridge(uuid: string, mutator: 'insert' | 'delete', rows: readonly unknown[]): void {
    const mutations = [['ports', mutator, ['set', rows]]];
    this.#operations.push({ op: 'mutate', table: 'Bridge', where: [['_uuid', '==', ['uuid', uuid]]], mutations });
  }

  #mutateRoot(mutator: 'insert' | 'delete', rows: readonly unknown[]): void {
    if (rows.length === 0) return;
    const mutations = [['bridges', mutator, ['set', rows]]];
    this.#operations.push({ op: 'mutate', table: 'Open_vSwitch', where: [], mutations });
  }
}

function listIn(lists: Map<string, unknown[]>, key: string): unknown[] {
  const known = lists.get(key);
  if (known) return known;
  const list: unknown[] = [];
  lists.set(key, list);
  return list;
}

/** A column that maps names to texts. */
export function map(entries: Readonly<Record<string, string>>): readonly [string, unknown] {
  return ['map', Object.entries(entries)];
}

/** The mark of a device as external_ids, which people and `ovs-vsctl find` can read. */
function marks(alias: string): readonly [string, unknown] {
  const { lab, node, dev }: Mark = markOf(alias) ?? { lab: '', node: '', dev: '' };
  return map({ 'linkloom-lab': lab, 'linkloom-node': node, 'linkloom-dev': dev });
}
