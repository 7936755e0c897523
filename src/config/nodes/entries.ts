/** Reads what sections say of a whole lab: checks each part, and merges it with what earlier files say of it. */
import { isAbsolute, resolve } from 'node:path';
import type { GenericSchema } from 'valibot';
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import type { Entry, Origin } from '../config.ts';
import type { Diagnostics } from '../diagnose.ts';
import { type Named, parsed } from '../entry.ts';
import { isMap, type Section } from '../extract.ts';
import { mergeInto } from '../merge.ts';
import { MAX_NAME } from '../rules.ts';
import { nodeNameFault } from '../schema.ts';
import { quote, shortened } from '../text/excerpt.ts';
import { hostNameFault } from './host-name.ts';
import { type HostConfig, HostSchema } from './hosts-schema.ts';
import { knownOnly } from './known.ts';
import { type NodeConfig, NodeSchema } from './schema.ts';
import { withTexts } from './texts.ts';
import {
  type AddressingConfig,
  AddressingSchema,
  type DefaultsConfig,
  DefaultsSchema,
  type GroupConfig,
  GroupSchema,
  type WireConfig,
  WireSchema,
} from './wire-schema.ts';

/** What the files say of a whole lab, before defaults and groups are applied. */
export interface LabEntries {
  readonly nodes: Map<string, Entry<NodeConfig>>;
  /** Nodes that are written, but not as a node can be: each is reported once, where it is written. */
  readonly faultyNodes: Set<string>;
  readonly groups: Map<string, Entry<GroupConfig>>;
  /** Under the single key '', so that it can be merged as the others are. */
  readonly defaults: Map<string, Entry<DefaultsConfig>>;
  readonly addressing: Map<string, Entry<AddressingConfig>>;
  readonly wires: Entry<WireConfig>[];
  readonly hosts: Map<string, Entry<HostConfig>>;
  /** As of `Config`. */
  readonly besides: Map<string, string>;
}

export function newLabEntries(): LabEntries {
  return {
    nodes: new Map(),
    faultyNodes: new Set(),
    groups: new Map(),
    defaults: new Map(),
    addressing: new Map(),
    wires: [],
    hosts: new Map(),
    besides: new Map(),
  };
}

type Item = Readonly<Record<string, unknown>>;

interface Place {
  readonly section: Section;
  readonly into: LabEntries;
  readonly diagnostics: Diagnostics;
}

/** The keys that are read here. */
const LAB_KEYS = ['nodes', 'wires', 'defaults', 'groups', 'addressing', 'hosts'] as const;

/** Adds what a section says under these keys. `skipped` are items that are left out, as `wires/INDEX`. */
export function validateLab(
  section: Section,
  value: Item,
  into: LabEntries,
  skipped: ReadonlySet<string>,
  diagnostics: Diagnostics,
): void {
  const place: Place = { section, into, diagnostics };
  for (const key of LAB_KEYS) {
    const part = Object.hasOwn(value, key) ? value[key] : null;
    if (part === null || part === undefined) continue;
    if (section.service !== null) {
      diagnostics.add('node-key-under-service', `${key}: has no meaning under a service`, {
        where: () => section.source.locate([...section.path, key], 'key'),
        hint: 'move it to the x-network at the top of the file',
      });
    } else if (key === 'wires' ? !Array.isArray(part) : !isMap(part)) {
      diagnostics.add('wrong-type', `${key} must be a ${key === 'wires' ? 'list' : 'map'}, not ${quote(part)}`, {
        where: () => section.source.locate([...section.path, key]),
        hint: ADVICE[key],
      });
    } else addPart(key, part, place, skipped);
  }
}

const ADVICE = {
  nodes: 'write each node as a key, as in nodes: {r1: {image: alpine}}',
  wires: 'begin each wire with a dash, as in - [a:eth1, b:eth1]',
  defaults: 'write defaults: {node: …, link: …}',
  groups: 'write each group as a key, as in groups: {leafs: {nodes: ["leaf*"]}}',
  addressing: 'write addressing: {wires: {pool: 10.0.0.0/16}}',
  hosts: 'write each host as a key, as in hosts: {h1: {nodes: ["leaf*"]}}',
} as const;

function addPart(key: (typeof LAB_KEYS)[number], part: unknown, place: Place, skipped: ReadonlySet<string>): void {
  const { into } = place;
  switch (key) {
    case 'nodes':
      for (const [name, node] of Object.entries(part as Item)) addNode(name, node, place);
      return;
    case 'groups':
      for (const [name, group] of Object.entries(part as Item)) addGroup(name, group, place);
      return;
    case 'wires':
      for (const [at, wire] of (part as readonly unknown[]).entries()) {
        if (!skipped.has(`wires/${at}`)) addWire(at, wire, place);
      }
      return;
    case 'hosts':
      for (const [name, host] of Object.entries(part as Item)) addHost(name, host, place);
      return;
    case 'defaults':
      return merge(into.defaults, '', checkedMap(DefaultsSchema, part as Item, [key], key, place));
    case 'addressing':
      return merge(into.addressing, '', checkedMap(AddressingSchema, part as Item, [key], key, place));
    default:
      key satisfies never;
  }
}

function addNode(name: string, written: unknown, place: Place): void {
  const path = ['nodes', name];
  const label = `node ${shortened(name, MAX_NAME)}`;
  const fault = nodeNameFault(name);
  if (fault !== null) {
    place.into.faultyNodes.add(name);
    return report(place, path, 'key', 'node-name', `nodes: ${quote(name)} ${fault}`);
  }
  const item = written ?? {};
  if (!isMap(item)) {
    place.into.faultyNodes.add(name);
    const hint = typeof item === 'string' ? `write ${name}: {image: ${shortened(item)}}` : undefined;
    return report(place, path, 'value', 'wrong-type', `${label} must be a map, not ${quote(item)}`, hint);
  }
  const entry = checkedMap(NodeSchema, item, path, label, place);
  if (entry !== null) merge(place.into.nodes, name, entry);
}

function addGroup(name: string, written: unknown, place: Place): void {
  const path = ['groups', name];
  const label = `group ${shortened(name, MAX_NAME)}`;
  if (!isMap(written)) {
    const hint = 'write the names of its nodes and what they have: {nodes: [r*], node: {image: alpine}}';
    return report(place, path, 'value', 'wrong-type', `${label} must be a map, not ${quote(written)}`, hint);
  }
  const entry = checkedMap(GroupSchema, written, path, label, place);
  if (entry.value.nodes !== undefined) merge(place.into.groups, name, entry);
}

function addHost(name: string, written: unknown, place: Place): void {
  const path = ['hosts', name];
  const fault = hostNameFault(name);
  if (fault !== null) return report(place, path, 'key', 'host-name', `hosts: ${quote(name)} ${fault}`);
  const item = written ?? {};
  if (!isMap(item)) {
    const hint = typeof item === 'string' ? `write ${name}: {address: ${shortened(item)}}` : undefined;
    return report(place, path, 'value', 'wrong-type', `host ${name} must be a map, not ${quote(item)}`, hint);
  }
  merge(place.into.hosts, name, checkedMap(HostSchema, item, path, `host ${name}`, place));
}

function addWire(at: number, written: unknown, place: Place): void {
  const path = ['wires', at];
  const label = `wires[${at}]`;
  const item = Array.isArray(written) ? { ends: written } : written;
  if (!isMap(item)) {
    const hint = 'write [a:eth1, b:eth1], or {ends: [a:eth1, b:eth1], mtu: 9000}';
    return report(
      place,
      path,
      'value',
      'wrong-type',
      `${label} must be a list of two ends, or a map, not ${quote(item)}`,
      hint,
    );
  }
  const entry = checkedMap(WireSchema, item, path, label, place, Array.isArray(written));
  if (entry.value.ends !== undefined) place.into.wires.push(entry);
}

function report(
  place: Place,
  path: Origin['path'],
  part: 'key' | 'value',
  code: DiagnosticCode,
  message: string,
  hint?: string,
): void {
  const { source, path: above } = place.section;
  place.diagnostics.add(code, message, { where: () => source.locate([...above, ...path], part), hint });
}

/**
 * Checks one map: reports unknown keys, keeps numbers as they were written, makes paths absolute. With `isShort` the map stands for
 * a bare list of two ends.
 */
function checkedMap<S extends Parameters<typeof parsed>[0] & GenericSchema>(
  schema: S,
  item: Item,
  path: Origin['path'],
  label: string,
  { section, into, diagnostics }: Place,
  isShort = false,
): ReturnType<typeof parsed<S>> {
  const inFile: Origin = { source: section.source, path: [...section.path, ...path] };
  const named: Named = {
    origin: isShort ? unwrapped(inFile) : inFile,
    label,
    service: null,
    diagnostics,
    incomplete: [],
  };
  const known = knownOnly(schema, item, [], named) as Item;
  const entry = parsed(schema, withTexts(known, named), named);
  const { folder } = section.source;
  if (folder === undefined) return entry;
  const absoluteOf = (source: string): string => {
    const path = resolve(folder, source);
    if (!isAbsolute(source)) into.besides.set(path, source);
    return path;
  };
  return { ...entry, value: absolute(entry.value, absoluteOf) as typeof entry.value };
}

/** An origin for a wire that is only a list: its `ends` are the list itself. */
function unwrapped({ source, path }: Origin): Origin {
  const strip = (below: Origin['path']): Origin['path'] =>
    below.length > path.length && below[path.length] === 'ends' ? [...path, ...below.slice(path.length + 1)] : below;
  const locate: typeof source.locate = (below, part) => source.locate(strip(below), part);
  return { source: { ...source, locate }, path };
}

/** Makes the sources of binds and copies absolute, in an entry, in defaults and in groups. */
function absolute(value: unknown, absoluteOf: (source: string) => string): unknown {
  if (!isMap(value)) return value;
  const { binds, copy, node } = value;
  const moved = (text: string): string => {
    const [source = '', ...rest] = text.split(':');
    return [absoluteOf(source), ...rest].join(':');
  };
  const copied = (item: unknown): unknown =>
    isMap(item) && typeof item['source'] === 'string'
      ? { ...item, source: absoluteOf(item['source']) }
      : typeof item === 'string'
        ? moved(item)
        : item;
  return {
    ...value,
    ...(Array.isArray(binds) ? { binds: binds.map((bind) => (typeof bind === 'string' ? moved(bind) : bind)) } : {}),
    ...(Array.isArray(copy) ? { copy: copy.map(copied) } : {}),
    ...(node === undefined ? {} : { node: absolute(node, absoluteOf) }),
  };
}

/** Keys whose lists a later file replaces, where other lists are joined: the words of commands. */
const REPLACED: readonly string[] = ['command', 'entrypoint', 'test'];

/** Merges an entry with the earlier one of its name: maps are merged, lists are joined, other values are replaced. */
function merge<T>(into: Map<string, Entry<T>>, name: string, entry: Entry<T>): void {
  const earlier = into.get(name);
  if (earlier === undefined) {
    into.set(name, entry);
    return;
  }
  const before = structuredClone(earlier.value);
  clear(before, entry.value);
  into.set(name, {
    value: mergeInto(before, entry.value) as T,
    origins: [...earlier.origins, ...entry.origins],
    faulty: [...earlier.faulty, ...entry.faulty],
  });
}

function clear(before: unknown, later: unknown): void {
  if (!isMap(before) || !isMap(later)) return;
  for (const [key, value] of Object.entries(later)) {
    if (REPLACED.includes(key)) delete before[key];
    else clear(before[key], value);
  }
}
