/** Takes over what a compose project says in `x-network`, which is linkloom's own language already: services become nodes there, too. */
import { isMap } from '../../extract.ts';
import type { Path } from '../../text/parsed.ts';
import type { Source } from '../../text/source.ts';
import { SetAddresses } from '../addresses.ts';
import type { ForeignLab, Part } from '../foreign-lab.ts';

const OWN = 'x-network';
/** Keys whose value stays as it is. */
const SETTINGS = new Set(['defaults', 'groups', 'addressing', 'hosts']);
/** Keys that name whose link or command it is. */
const SELECTORS = ['service', 'container', 'netns', 'node', 'host'];

/** Adds the `x-network` of the project, and those of its services. */
export function addOwnWords(lab: ForeignLab, source: Source, top: Readonly<Record<string, unknown>>): void {
  const services = isMap(top['services']) ? top['services'] : {};
  const words = new OwnWords(lab, source, new Set(Object.keys(services)));
  words.add(top[OWN], [OWN], null);
  for (const [name, service] of Object.entries(services)) {
    if (isMap(service)) words.add(service[OWN], ['services', name, OWN], name);
  }
  if (words.found) new SetAddresses(lab).settle();
}

/** Whether the project has any. */
export function hasOwnWords(top: Readonly<Record<string, unknown>>): boolean {
  const services = isMap(top['services']) ? Object.values(top['services']) : [];
  return [top, ...services].some((part) => isMap(part) && part[OWN] !== undefined);
}

class OwnWords {
  found = false;
  readonly #lab: ForeignLab;
  readonly #source: Source;
  readonly #services: ReadonlySet<string>;

  constructor(lab: ForeignLab, source: Source, services: ReadonlySet<string>) {
    this.#lab = lab;
    this.#source = source;
    this.#services = services;
  }

  add(section: unknown, path: Path, service: string | null): void {
    if (!isMap(section)) return;
    this.found = true;
    for (const [key, value] of Object.entries(section)) {
      const at = [...path, key];
      if (key === 'lab' && typeof value === 'string') this.#lab.nameLab(value, () => this.#source.locate(at));
      else if (key === 'nodes' && isMap(value)) this.#nodes(value, at);
      else if (SETTINGS.has(key)) this.#lab.settings[key] = value;
      else if (Array.isArray(value))
        for (const [nth, item] of value.entries()) this.#item(key, item, [...at, nth], service);
      else this.#lab.notes.leftOut(`${key} of ${OWN}`, () => this.#source.locate(at, 'key'));
    }
  }

  #nodes(nodes: Record<string, unknown>, path: Path): void {
    for (const [name, node] of Object.entries(nodes)) {
      const where = () => this.#source.locate([...path, name], 'key');
      const known = this.#lab.names.node(name, where);
      this.#lab.addNode(known, isMap(node) ? { ...node } : {}, where);
      this.#lab.namespaces.add(known);
    }
  }

  #item(list: string, item: unknown, path: Path, service: string | null): void {
    const where = () => this.#source.locate(path);
    if (list === 'wires') this.#lab.addAsItIs('wires', this.#wire(item), where);
    else if (!isMap(item)) this.#lab.notes.leftOut(`an item of ${list}`, where);
    else if (list === 'links') this.#lab.addAsItIs('links', this.#selected(item, service), where);
    else if (list === 'bridges') this.#lab.addBridge(item, where);
    else if (list === 'tunnels') this.#lab.addTunnel(item, where);
    else if (list === 'commands') this.#command(this.#selected(item, service), where);
    else this.#lab.notes.leftOut(`${list} of ${OWN}`, where);
  }

  /** A command of a node belongs to its entry. */
  #command(command: Part, where: () => ReturnType<Source['locate']>): void {
    const node = this.#lab.nodes.get(String(command['node']));
    if (node === undefined) this.#lab.addAsItIs('commands', command, where);
    else {
      const { command: run } = command;
      node['exec'] = [...((node['exec'] as unknown[] | undefined) ?? []), run];
    }
  }

  /** The link or command with its service as a node. */
  #selected(item: Record<string, unknown>, service: string | null): Part {
    const named = SELECTORS.some((key) => item[key] !== undefined) || service === null ? item : { service, ...item };
    const { service: of, ...rest } = named as Part;
    return typeof of === 'string' && this.#services.has(of) ? { node: this.#lab.names.node(of), ...rest } : named;
  }

  #wire(item: unknown): unknown {
    if (Array.isArray(item)) return item.map((end) => this.#end(end));
    return isMap(item) && Array.isArray(item['ends'])
      ? { ...item, ends: item['ends'].map((end) => this.#end(end)) }
      : item;
  }

  #end(end: unknown): unknown {
    const [, name, dev] = /^(?:service\/)?([^/:]+):([^:]+)$/.exec(String(end)) ?? [];
    return name !== undefined && this.#services.has(name) ? `${this.#lab.names.node(name)}:${dev}` : end;
  }
}
