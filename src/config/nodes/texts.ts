/** Keeps values that stand for a text as they were written: a variable `01` must not become 1, nor a version `1.10` become 1.1. */
import type { Named } from '../entry.ts';
import { isMap } from '../extract.ts';
import type { Path } from '../text/parsed.ts';

type Item = Readonly<Record<string, unknown>>;

/** Keys with maps of texts, or with lists of such pairs. */
const MAPS: readonly string[] = ['env', 'labels', 'sysctls'];
/** Keys with texts that look like numbers, or with lists of them. */
const SCALARS: readonly string[] = ['user', 'memory', 'cpus', 'ports'];
/** Keys with maps that have such keys in turn. */
const NESTED: readonly string[] = ['node', 'run'];

/** The item with every such value as text. Each value that the parser took for something else costs a search in the source. */
export function withTexts(item: Item, named: Named): Item {
  return mapped(item, [], named);
}

function mapped(item: Item, below: Path, named: Named): Item {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      const path = [...below, key];
      if (MAPS.includes(key) || SCALARS.includes(key)) return [key, texts(value, path, named)];
      return [key, NESTED.includes(key) ? nested(value, path, named) : value];
    }),
  );
}

function nested(value: unknown, path: Path, named: Named): unknown {
  if (Array.isArray(value)) return value.map((item, at) => nested(item, [...path, at], named));
  return isMap(value) ? mapped(value, path, named) : value;
}

function texts(value: unknown, path: Path, named: Named): unknown {
  if (Array.isArray(value)) return value.map((item, at) => text(item, [...path, at], named));
  if (!isMap(value)) return text(value, path, named);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item, [...path, key], named)]));
}

function text(value: unknown, path: Path, { origin }: Named): unknown {
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  return origin.source.written([...origin.path, ...path]) ?? String(value);
}
