/** A lab that another tool describes, in linkloom's words, while it is put together. */
import * as v from 'valibot';
import { NodeSchema } from '../nodes/schema.ts';
import { LAB_NAME } from '../schema.ts';
import { quote } from '../text/excerpt.ts';
import { Names } from './names.ts';
import { Notes, type Where } from './notes.ts';

/** A part of the document: plain values, as YAML and JSON have them. */
export type Part = Record<string, unknown>;

/** One end of a wire, and what belongs to this end alone. */
export interface End {
  /** The node's name in the lab; `host`; or `container/NAME` for a container that the lab does not make. */
  readonly node: string;
  readonly dev: string;
  readonly mac?: string | undefined;
  readonly ip?: readonly string[] | undefined;
}

/** What belongs to a wire as a whole. */
export interface WireOptions {
  readonly mtu?: number | undefined;
  readonly impair?: Part | undefined;
  readonly labels?: Record<string, string> | undefined;
}

/** The name of the host's namespace, as an end of a wire has it. */
const HOST = 'host';
const CONTAINER = /^container\/(.+)$/;

/** Collects nodes, wires and all else, and where each was written. */
export class ForeignLab {
  readonly notes = new Notes('import');
  readonly names = new Names(this.notes);
  /** The lab's name; null for that of the folder. */
  lab: string | null = null;
  /** The lab's name as it is in the file. */
  writtenName: string | null = null;
  readonly nodes = new Map<string, Part>();
  /** Nodes that are namespaces in the file, too: what they run is meant for one. */
  readonly namespaces = new Set<string>();
  readonly wires: Part[] = [];
  readonly links: Part[] = [];
  readonly bridges: Part[] = [];
  readonly tunnels: Part[] = [];
  readonly commands: Part[] = [];
  /** What a file says in linkloom's own words of all nodes and links: defaults, groups, addressing. */
  readonly settings: Part = {};
  readonly #places = new Map<string, Where>();

  /** Takes the lab's name from the file, made to fit. */
  nameLab(written: string, where?: Where): void {
    this.writtenName = written;
    const fitting = written
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '-')
      .replace(/^[_-]+/, '')
      .slice(0, 63);
    if (!LAB_NAME.test(fitting)) return;
    this.lab = fitting;
    if (fitting !== written) this.notes.add('import-renamed', `the lab ${quote(written)} is called ${fitting}`, where);
  }

  addNode(name: string, node: Part, where?: Where): void {
    this.nodes.set(name, node);
    this.#note(['nodes', name], where);
  }

  /** Notes where one key of a node was written, if that is elsewhere than the node itself. */
  placeKey(name: string, key: string, where: Where): void {
    this.#note(['nodes', name, key], where);
  }

  /** Ties two ends. What the short form of wires has no words for becomes two links on a bridge of their own. */
  addWire(a: End, b: End, options: WireOptions = {}, where?: Where): void {
    if (a.mac !== undefined || b.mac !== undefined) {
      this.#addLinks(a, b, options, where);
      return;
    }
    const ends = [`${a.node}:${a.dev}`, `${b.node}:${b.dev}`];
    const ip = a.ip === undefined && b.ip === undefined ? {} : { ip: [oneOrList(a.ip ?? []), oneOrList(b.ip ?? [])] };
    const rest = without({ ...options, ...ip });
    const wire = Object.keys(rest).length === 0 ? ends : { ends, ...rest };
    this.#note(['wires', this.wires.length], where);
    this.wires.push(wire as unknown as Part);
  }

  /** Puts a link on a bridge. */
  addLink(end: End, more: Part, where?: Where): void {
    const container = CONTAINER.exec(end.node)?.[1];
    const of = end.node === HOST ? { host: true } : container === undefined ? { node: end.node } : { container };
    const ip = end.ip === undefined || end.ip.length === 0 ? {} : { ip: oneOrList(end.ip) };
    this.#note(['links', this.links.length], where);
    this.links.push(without({ ...of, dev: end.dev, mac: end.mac, ...ip, ...more }));
  }

  addBridge(bridge: Part, where?: Where): void {
    if (this.bridges.some((known) => known['bridge'] === bridge['bridge'])) return;
    this.#note(['bridges', this.bridges.length], where);
    this.bridges.push(bridge);
  }

  addTunnel(tunnel: Part, where?: Where): void {
    this.#note(['tunnels', this.tunnels.length], where);
    this.tunnels.push(tunnel);
  }

  /** Adds a command, a wire or a link that is in linkloom's words already. */
  addAsItIs(list: 'commands' | 'wires' | 'links', part: unknown, where?: Where): void {
    this.#note([list, this[list].length], where);
    this[list].push(part as Part);
  }

  /** Takes out of every node what its schema refuses, and notes it. */
  settle(): void {
    for (const [name, node] of this.nodes) {
      const { issues = [] } = v.safeParse(NodeSchema, node);
      for (const { path, message } of issues) {
        const key = String(path?.[0]?.key ?? '');
        if (!Object.hasOwn(node, key)) continue;
        delete node[key];
        this.notes.leftOut(`${key} of ${name}`, this.placeOf(['nodes', name, key]), `its value ${message}`);
      }
    }
  }

  /** The document, in the order in which people read it. */
  document(): Part {
    const filled = (key: string, list: readonly unknown[]) => (list.length === 0 ? {} : { [key]: list });
    return {
      ...(this.lab === null ? {} : { lab: this.lab }),
      ...this.settings,
      ...(this.nodes.size === 0 ? {} : { nodes: Object.fromEntries(this.nodes) }),
      ...filled('wires', this.wires),
      ...filled('links', this.links),
      ...filled('bridges', this.bridges),
      ...filled('tunnels', this.tunnels),
      ...filled('commands', this.commands),
    };
  }

  /** Where the part at a path of the document was written, or the nearest part around it. */
  placeOf(path: readonly (string | number)[]): Where | undefined {
    for (let length = path.length; length > 0; length--) {
      const place = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #addLinks(a: End, b: End, { mtu, impair, labels }: WireOptions, where?: Where): void {
    if (labels !== undefined) this.notes.leftOut('labels of a link', where, 'a wire with MAC addresses has none');
    const bridge = `${a.node}:${a.dev}`;
    this.addBridge({ bridge, mode: 'direct' }, where);
    for (const end of [a, b]) this.addLink(end, { bridge, mtu, impair }, where);
  }

  #note(path: readonly (string | number)[], where?: Where): void {
    if (where !== undefined) this.#places.set(JSON.stringify(path), where);
  }
}

const oneOrList = (list: readonly string[]): unknown => (list.length === 1 ? list[0] : list);

/** The part without keys that have no value. */
export function without(part: Part): Part {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}
