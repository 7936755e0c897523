/** Checks one entry of a list: that every key is known and every value right. Wrong keys are reported and left out. */
import * as v from 'valibot';
import { HOST_NAME } from '../net/ifname.ts';
import type { Entry, Incomplete, Origin } from './config.ts';
import { type Diagnostics, reportIssue } from './diagnose.ts';
import { isMap } from './extract.ts';
import { MAX_NAME } from './rules.ts';
import {
  type BridgeConfig,
  BridgeSchema,
  type CommandConfig,
  CommandSchema,
  ImpairSchema,
  type LinkConfig,
  LinkSchema,
  type TunnelConfig,
  TunnelSchema,
} from './schema.ts';
import { quote, shortened } from './text/excerpt.ts';
import { nearest } from './text/nearest.ts';

/** The keys that name the node of a link or command. Exactly one of them is given. */
export const NODE_KEYS = ['service', 'container', 'netns', 'node', 'host'] as const;

type Item = Readonly<Record<string, unknown>>;

/** What is known of an entry before its values are checked. */
export interface EntryPlace {
  readonly origin: Origin;
  /** The service under which the entry is written, or null. */
  readonly service: string | null;
  readonly diagnostics: Diagnostics;
  /** Collects entries that lack what a link or a tunnel needs. */
  readonly incomplete: Incomplete[];
}

export interface Named extends EntryPlace {
  /** The entry's name in messages: `r0:eth1`, `bridge s1`, else its position in its list. */
  readonly label: string;
}

/** Checks a link. Returns null if its node is not clear. Unknown keys are errors. */
export function linkEntry(written: Item, place: EntryPlace): Entry<LinkConfig> | null {
  const item = withNode(written, place.service);
  const named = { ...place, label: linkName(item) ?? placeName(place, 'links') };
  const known = withoutUnknown(item, LINK_KEYS, [], named);
  const impair = withKnownImpair(known.item, named);
  const one = known.meant.some((key) => isNodeKey(key)) ? false : hasOneNode(impair, named);
  const entry = parsed(LinkSchema, impair, named);
  if (!one || !NODE_KEYS.some((key) => entry.value[key] !== undefined)) {
    place.incomplete.push({ kind: 'link', label: named.label, entry });
    return null;
  }
  return known.meant.length === 0 ? entry : { ...entry, faulty: [...entry.faulty, ...known.meant] };
}

/** Checks a bridge. Returns null if it has no name. */
export function bridgeEntry(item: Item, place: EntryPlace): Entry<BridgeConfig> | null {
  const label =
    typeof item['bridge'] === 'string' ? `bridge ${shortened(item['bridge'], MAX_NAME)}` : placeName(place, 'bridges');
  return looseEntry(BridgeSchema, item, { ...place, label });
}

/** Checks a tunnel. Returns null if anything that it needs is missing or wrong. */
export function tunnelEntry(item: Item, place: EntryPlace): Entry<TunnelConfig> | null {
  const named = { ...place, label: placeName(place, 'tunnels') };
  return looseEntry(TunnelSchema, withKnownImpair(item, named), named, (entry) =>
    place.incomplete.push({ kind: 'tunnel', label: named.label, entry }),
  );
}

/** Checks a command. Returns null if its node, or what to run, is not clear. */
export function commandEntry(written: Item, place: EntryPlace): Entry<CommandConfig> | null {
  const item = withNode(written, place.service);
  const named = { ...place, label: placeName(place, 'commands') };
  const one = hasOneNode(item, named);
  const entry = looseEntry(CommandSchema, item, named);
  return one ? entry : null;
}

function placeName(place: EntryPlace, kind: string): string {
  return `${kind}[${place.origin.path.at(-1)}]`;
}

function linkName(item: Item): string | undefined {
  const named = NODE_KEYS.map((key) => item[key]).find((name) => typeof name === 'string');
  const node = named ?? (item['host'] === true ? HOST_NAME : undefined);
  if (node === undefined) return undefined;
  const dev = item['dev'] ?? 'eth0';
  const name = shortened(String(node), MAX_NAME);
  return typeof dev === 'string' && dev.length <= 40 ? `${name}:${dev}` : name;
}

/** An entry under a service is for that service, unless it names a node itself. */
function withNode(item: Item, service: string | null): Item {
  return service === null || NODE_KEYS.some((key) => Object.hasOwn(item, key)) ? item : { service, ...item };
}

function isNodeKey(key: string): boolean {
  return (NODE_KEYS as readonly string[]).includes(key);
}

function hasOneNode(item: Item, { origin, label, diagnostics }: Named): boolean {
  const [first, second] = NODE_KEYS.filter((key) => Object.hasOwn(item, key));
  if (first !== undefined && second === undefined) return true;
  if (second === undefined) {
    diagnostics.add('node-missing', `${label}: no node is named`, {
      where: () => origin.source.locate(origin.path),
      hint: 'give exactly one of service, container, netns, node and host',
    });
  } else {
    diagnostics.add('node-ambiguous', `${label}: both ${first} and ${second} are given`, {
      where: () => origin.source.locate([...origin.path, second], 'key'),
      hint: 'keep one of them: a node is a service, a container, a network namespace, an entry of nodes: or the host',
    });
  }
  return false;
}

const LINK_KEYS = new Set(Object.keys(LinkSchema.entries));
const IMPAIR_KEYS = new Set(Object.keys(ImpairSchema.entries));
const NONE: readonly string[] = [];

/**
 * The item without unknown keys, each of which is reported as an error; `x-` keys are dropped silently. `meant` has the known keys
 * for which the unknown ones are probably slips, so that they are not reported as missing too.
 */
function withoutUnknown(
  item: Item,
  known: ReadonlySet<string>,
  below: readonly string[],
  { origin, label, diagnostics }: Named,
): { readonly item: Item; readonly meant: readonly string[] } {
  const unknown = Object.keys(item).filter((key) => !known.has(key));
  if (unknown.length === 0) return { item, meant: NONE };
  const meant: string[] = [];
  for (const key of unknown) {
    if (key.startsWith('x-')) continue;
    const near = nearest(key, known);
    if (near !== undefined) meant.push(near);
    diagnostics.add('unknown-key', `${label}: unknown key ${quote([...below, key].join('.'))}`, {
      where: () => origin.source.locate([...origin.path, ...below, key], 'key'),
      hint: near === undefined ? 'keys of your own begin with x-' : `did you mean \`${near}\`?`,
    });
  }
  return { item: Object.fromEntries(Object.entries(item).filter(([key]) => known.has(key))), meant };
}

function withKnownImpair(item: Item, named: Named): Item {
  const impair = item['impair'];
  if (!isMap(impair)) return item;
  return { ...item, impair: withoutUnknown(impair, IMPAIR_KEYS, ['impair'], named).item };
}

type AnyObject = v.LooseObjectSchema<v.ObjectEntries, undefined> | v.StrictObjectSchema<v.ObjectEntries, undefined>;

/**
 * Checks an entry that may have unknown keys. They are kept, with a warning unless they begin with `x-`. Returns null if a needed
 * key is missing or wrong.
 */
function looseEntry<S extends AnyObject>(
  schema: S,
  item: Item,
  named: Named,
  onIncomplete?: (entry: Entry<v.InferOutput<S>>) => void,
): Entry<v.InferOutput<S>> | null {
  const { origin, label, diagnostics } = named;
  for (const key of Object.keys(item)) {
    if (Object.hasOwn(schema.entries, key) || key.startsWith('x-')) continue;
    const near = nearest(key, Object.keys(schema.entries));
    diagnostics.add('unknown-key-ignored', `${label}: unknown key ${quote(key)} has no effect`, {
      where: () => origin.source.locate([...origin.path, key], 'key'),
      hint: near && `did you mean \`${near}\`?`,
    });
  }
  const entry = parsed(schema, item, named);
  const needed = Object.entries(schema.entries).filter(([, { type }]) => type !== 'optional');
  if (needed.every(([key]) => (entry.value as Item)[key] !== undefined)) return entry;
  onIncomplete?.(entry);
  return null;
}

/** Keys whose texts have a syntax of their own, which is checked later. */
const TEXTS: readonly string[] = ['route', 'ethtool', 'netem'];

/**
 * What is left of a wrong value, to be checked further: a map without its wrong key, or a list of texts with gaps; undefined if
 * nothing is.
 */
function remainderOf(value: unknown, key: string, wrong: unknown): unknown {
  if (isMap(value) && typeof wrong === 'string') {
    return Object.fromEntries(Object.entries(value).filter(([inner]) => inner !== wrong));
  }
  if (!TEXTS.includes(key) || !Array.isArray(value)) return undefined;
  return value.map((item, index) => (typeof item === 'string' && index !== wrong ? item : undefined));
}

/** Schemas of the keys that an item has, by those keys. */
type Narrowed = Map<string, AnyObject>;
const narrowed = new WeakMap<AnyObject, Narrowed>();

/**
 * The schema without the optional keys that an item does not have: to find out of each of thirty that it is not there takes longer
 * than to check the four that are. What it makes of the item is the same.
 */
function narrowTo<S extends AnyObject>(schema: S, item: Item): S {
  const known: Narrowed = narrowed.get(schema) ?? new Map();
  narrowed.set(schema, known);
  const keys = Object.keys(item).join('\0');
  const found = known.get(keys) ?? narrow(schema, item);
  if (known.size < MAX_NARROWED) known.set(keys, found);
  return found as S;
}

/** Most sets of keys that are remembered for a schema. Labs have a handful. */
const MAX_NARROWED = 64;

function narrow(schema: AnyObject, item: Item): AnyObject {
  const isNeeded = ([key, { type }]: readonly [string, { readonly type: string }]): boolean =>
    type !== 'optional' || Object.hasOwn(item, key);
  const entries = Object.fromEntries(Object.entries(schema.entries).filter(isNeeded));
  return schema.type === 'strict_object' ? v.strictObject(entries) : v.looseObject(entries);
}

/** Checks an item by a schema. Wrong keys are reported and left out of the value. */
export function parsed<S extends AnyObject>(schema: S, item: Item, named: Named): Entry<v.InferOutput<S>> {
  const result = v.safeParse(narrowTo(schema, item), item);
  const origins = [named.origin];
  if (result.success) return { value: result.output, origins, faulty: NONE };
  const faulty = new Set<string>();
  const value: Record<string, unknown> = { ...(result.output as Item) };
  for (const issue of result.issues) {
    const key = issue.path?.[0]?.key;
    // A key with the value undefined is one that interpolation could not fill in, and has reported.
    const reported = issue.input === undefined && issue.path?.at(-1)?.origin !== 'key';
    if (!reported) reportIssue(issue, named.origin, named.label, named.diagnostics);
    if (typeof key !== 'string') continue;
    faulty.add(key);
    value[key] = remainderOf(value[key], key, issue.path?.[1]?.key);
    if (value[key] === undefined) delete value[key];
  }
  return { value: value as v.InferOutput<S>, origins, faulty: [...faulty] };
}
