/** Finds unknown keys in nested maps. Each is reported, with the key for which it is probably a slip, and left out. */
import type * as v from 'valibot';
import { didYouMean } from '../diagnose.ts';
import type { Named } from '../entry.ts';
import { isMap } from '../extract.ts';
import { quote } from '../text/excerpt.ts';
import type { Path } from '../text/parsed.ts';

/** The parts of a schema that are read here. Other schemas have no keys of their own. */
interface Shape {
  readonly type: string;
  readonly wrapped?: Shape;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly value?: Shape;
  readonly options?: readonly Shape[];
}

/**
 * The value without the keys that its schema does not know; `x-` keys are dropped silently. `below` is the path of the value in its
 * entry.
 */
export function knownOnly(schema: v.GenericSchema, value: unknown, below: Path, named: Named): unknown {
  return known(schema as unknown as Shape, value, below, named);
}

function known(schema: Shape, value: unknown, below: Path, named: Named): unknown {
  const shape = bare(schema, value);
  if (Array.isArray(value)) {
    const { item } = shape;
    return item === undefined ? value : value.map((inner, at) => known(item, inner, [...below, at], named));
  }
  if (!isMap(value)) return value;
  const { entries, value: each } = shape;
  if (entries === undefined && each === undefined) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const of = entries === undefined ? each : Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (of !== undefined) return [[key, known(of, inner, [...below, key], named)] as const];
    if (!key.startsWith('x-')) report(key, Object.keys(entries ?? {}), below, named);
    return [];
  });
  return Object.fromEntries(kept);
}

/** The schema inside its wrappers; of several options, the one for which the value is probably meant. */
function bare(schema: Shape, value: unknown): Shape {
  if (schema.wrapped !== undefined) return bare(schema.wrapped, value);
  if (schema.type !== 'union') return schema;
  const options = (schema.options ?? []).map((option) => bare(option, value));
  if (Array.isArray(value)) return options.find(({ item }) => item !== undefined) ?? schema;
  if (!isMap(value)) return schema;
  const likeness = ({ entries = {} }: Shape): number =>
    Object.keys(value).filter((key) => Object.hasOwn(entries, key)).length;
  const maps = options.filter((option) => option.entries !== undefined || option.value !== undefined);
  return maps.toSorted((a, b) => likeness(b) - likeness(a))[0] ?? schema;
}

function report(key: string, keys: readonly string[], below: Path, { origin, label, diagnostics }: Named): void {
  const path = [...below, key].reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
  diagnostics.add('unknown-key', `${label}: unknown key ${quote(path)}`, {
    where: () => origin.source.locate([...origin.path, ...below, key], 'key'),
    hint: didYouMean(key, keys) ?? 'keys of your own begin with x-',
  });
}
