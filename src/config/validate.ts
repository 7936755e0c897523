/** Turns sections into entries: checks every list and every entry, and reports every fault. */
import { validateChecks } from './checks/entries.ts';
import type { CheckConfig } from './checks/schema.ts';
import type { Entry, Incomplete, Origin } from './config.ts';
import { type Diagnostics, didYouMean } from './diagnose.ts';
import { bridgeEntry, commandEntry, type EntryPlace, linkEntry, NODE_KEYS, tunnelEntry } from './entry.ts';
import { isMap, type Section } from './extract.ts';
import { NetworkSchema } from './network-schema.ts';
import { type LabEntries, newLabEntries, validateLab } from './nodes/entries.ts';
import { type BridgeConfig, type CommandConfig, LAB_NAME, type LinkConfig, type TunnelConfig } from './schema.ts';
import { quote } from './text/excerpt.ts';

/** The most links. More would be a mistake, and their plan would not fit in memory. */
const MAX_LINKS = 250_000;

/** The entries of all sections, in order. Links are not merged yet. */
export interface Entries {
  readonly labs: { readonly lab: string; readonly origin: Origin }[];
  readonly links: Entry<LinkConfig>[];
  readonly bridges: Entry<BridgeConfig>[];
  readonly tunnels: Entry<TunnelConfig>[];
  readonly commands: Entry<CommandConfig>[];
  readonly checks: Entry<CheckConfig>[];
  readonly incomplete: Incomplete[];
  /** What is said of the whole lab: nodes, wires, defaults, groups, addresses. */
  readonly whole: LabEntries;
  /** Items of sections that are skipped, as `LIST/INDEX`. */
  readonly skipped: ReadonlyMap<Section, ReadonlySet<string>>;
  /** Items under services that do not depend on the service. Each is taken once, though several services inherit it. */
  readonly taken: WeakSet<object>;
}

export function newEntries(skipped: Entries['skipped'] = new Map()): Entries {
  const lists = { labs: [], links: [], bridges: [], tunnels: [], commands: [], checks: [], incomplete: [] };
  return { ...lists, whole: newLabEntries(), skipped, taken: new WeakSet() };
}

const TOP_KEYS = Object.keys(NetworkSchema.entries);
const LISTS = ['links', 'bridges', 'tunnels', 'commands'] as const;
type ListKind = (typeof LISTS)[number];

/** The hint that says what a lab's name may be. */
export const LAB_HINT = 'use lower-case letters, digits, "_" and "-", at most 63, the first a letter or digit';

/** Adds what a section says to the entries. Wrong parts are reported and left out. */
export function validateSection(section: Section, into: Entries, diagnostics: Diagnostics): void {
  const { source, path, value } = section;
  if (!isMap(value)) {
    const name = path.at(-1) ?? source.file;
    diagnostics.add('wrong-type', `${name} must be a map with links: and the like, not ${quote(value)}`, {
      where: () => source.locate(path),
    });
    return;
  }
  for (const key of Object.keys(value)) {
    if (!TOP_KEYS.includes(key) && !key.startsWith('x-')) reportUnknown(section, key, diagnostics);
  }
  if (Object.hasOwn(value, 'lab')) addLab(section, value['lab'], into, diagnostics);
  if (!hasRoomForWires(section, value, into, diagnostics)) return;
  const skipped = into.skipped.get(section) ?? new Set<string>();
  validateLab(section, value, into.whole, skipped, diagnostics);
  validateChecks(section, value, into.checks, skipped, diagnostics);
  for (const kind of LISTS) {
    const list = Object.hasOwn(value, kind) ? value[kind] : null;
    if (Array.isArray(list)) addList(kind, section, list, into, diagnostics);
    else if (list !== null) {
      diagnostics.add('wrong-type', `${kind} must be a list, not ${quote(list)}`, {
        where: () => source.locate([...path, kind]),
        hint: 'begin each entry with a dash',
      });
    }
  }
}

function reportUnknown(section: Section, key: string, diagnostics: Diagnostics): void {
  const isCompose = section.path.length === 0 && (key === 'services' || key === 'x-network');
  diagnostics.add('unknown-key', `unknown key ${quote(key)}`, {
    where: () => section.source.locate([...section.path, key], 'key'),
    hint: isCompose
      ? 'this looks like a compose file: give it with -f or --compose-file'
      : (didYouMean(key, TOP_KEYS) ?? `known are ${TOP_KEYS.join(', ')}; keys of your own begin with x-`),
  });
}

function addLab(section: Section, lab: unknown, into: Entries, diagnostics: Diagnostics): void {
  const origin = { source: section.source, path: [...section.path, 'lab'] };
  if (typeof lab === 'string' && LAB_NAME.test(lab)) {
    into.labs.push({ lab, origin });
  } else {
    const where = () => section.source.locate(origin.path);
    const written = typeof lab === 'string' ? undefined : section.source.written(origin.path);
    const isName = written !== undefined && LAB_NAME.test(written);
    const hint = isName ? `put it in quotes: "${written}"` : LAB_HINT;
    diagnostics.add('lab-name', `lab ${written ?? quote(lab)} is not a lab name`, { where, hint });
  }
}

function addList(
  kind: ListKind,
  section: Section,
  list: readonly unknown[],
  into: Entries,
  diagnostics: Diagnostics,
): void {
  const { source, service } = section;
  if (kind === 'links' && linksOf(into) + list.length > MAX_LINKS) return reportTooMany(section, kind, diagnostics);
  const skipped = into.skipped.get(section);
  for (const [index, item] of list.entries()) {
    // A list that is spread into keeps room for more: `concat` makes one of the right length.
    const origin: Origin = { source, path: section.path.concat(kind, index) };
    if (skipped?.has(`${kind}/${index}`)) continue;
    if (isMap(item)) {
      const place: EntryPlace = { origin, service, diagnostics, incomplete: into.incomplete };
      if (service !== null && !isForService(kind, item)) {
        if (into.taken.has(item)) continue;
        into.taken.add(item);
      }
      addEntry(kind, item, place, into);
    } else {
      const where = () => source.locate(origin.path);
      diagnostics.add('wrong-type', `${kind}[${index}] must be a map, not ${quote(item)}`, { where });
    }
  }
}

/** How many links there are so far. A wire is two. */
function linksOf({ links, whole }: Entries): number {
  return links.length + 2 * whole.wires.length;
}

function hasRoomForWires(
  section: Section,
  { wires }: Record<string, unknown>,
  into: Entries,
  diagnostics: Diagnostics,
): boolean {
  if (!Array.isArray(wires) || linksOf(into) + 2 * wires.length <= MAX_LINKS) return true;
  reportTooMany(section, 'wires', diagnostics);
  return false;
}

function reportTooMany({ source, path }: Section, key: 'links' | 'wires', diagnostics: Diagnostics): void {
  const message = `more than ${MAX_LINKS} links${key === 'wires' ? ' (a wire is two)' : ''}`;
  const where = () => source.locate([...path, key], 'key');
  diagnostics.add('too-many-links', message, { where, hint: 'split the lab into several' });
}

/** Whether an item depends on the service under which it is written. */
function isForService(kind: ListKind, item: Record<string, unknown>): boolean {
  return (kind === 'links' || kind === 'commands') && !NODE_KEYS.some((key) => Object.hasOwn(item, key));
}

function addEntry(kind: ListKind, item: Record<string, unknown>, place: EntryPlace, into: Entries): void {
  switch (kind) {
    case 'links':
      return push(into.links, linkEntry(item, place));
    case 'bridges':
      return push(into.bridges, bridgeEntry(item, place));
    case 'tunnels':
      return push(into.tunnels, tunnelEntry(item, place));
    case 'commands':
      return push(into.commands, commandEntry(item, place));
    default:
      kind satisfies never;
  }
}

function push<T>(list: T[], entry: T | null): void {
  if (entry !== null) list.push(entry);
}
