/** What a node has from the file's defaults, its kind, its group and itself. */
import type { Span } from '../../../errors.ts';
import { isMap } from '../../extract.ts';
import type { Path } from '../../text/parsed.ts';
import type { Source } from '../../text/source.ts';

/** A value, and where it is written. */
export interface Written {
  readonly value: unknown;
  readonly path: Path;
}

/** The parts of the file that describe a node, the weakest first. */
export class Layers {
  readonly kind: string;
  readonly group: string | null;
  readonly #parts: readonly Written[];
  readonly #source: Source;

  constructor(source: Source, topology: Readonly<Record<string, unknown>>, name: string) {
    this.#source = source;
    const part = (path: Path): Written => ({
      value: path.reduce<unknown>((value, key) => (isMap(value) ? value[String(key)] : undefined), { topology }),
      path,
    });
    const own = part(['topology', 'nodes', name]);
    const defaults = part(['topology', 'defaults']);
    const groupOf = (name: string | null) => part(['topology', 'groups', name ?? '']);
    // The order in which containerlab looks (types/topology.go: GetNodeKind, GetNodeGroup).
    this.kind =
      textIn(own, 'kind') ??
      textIn(groupOf(textIn(own, 'group')), 'kind') ??
      textIn(groupOf(textIn(defaults, 'group')), 'kind') ??
      textIn(defaults, 'kind') ??
      'linux';
    const kind = part(['topology', 'kinds', this.kind]);
    this.group = textIn(own, 'group') ?? textIn(kind, 'group') ?? textIn(defaults, 'group');
    const group = groupOf(this.group);
    this.#parts = [defaults, kind, group, own].filter(({ value }) => isMap(value));
  }

  /** Every value of a key, the weakest first. */
  all(key: string): readonly Written[] {
    return this.#parts.flatMap(({ value, path }) =>
      isMap(value) && value[key] !== undefined && value[key] !== null
        ? [{ value: value[key], path: [...path, key] }]
        : [],
    );
  }

  /** The strongest value of a key. */
  one(key: string): Written | null {
    return this.all(key).at(-1) ?? null;
  }

  /** A text, or a number as text, of the strongest layer. */
  text(key: string): string | null {
    const value = this.one(key)?.value;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
  }

  /** The texts of all layers, one behind the other. */
  list(key: string): readonly string[] {
    return this.all(key).flatMap(({ value }) => (Array.isArray(value) ? value.map(String) : [String(value)]));
  }

  /** The texts of the strongest layer that has any. */
  listOfOne(key: string): readonly string[] {
    const value = this.all(key).findLast(({ value: list }) => !Array.isArray(list) || list.length > 0)?.value;
    return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
  }

  /** The maps of all layers; a stronger one overrides single keys. */
  map(key: string): Record<string, unknown> {
    return Object.assign({}, ...this.all(key).map(({ value }) => (isMap(value) ? value : {})));
  }

  /** All keys that any layer has, and where the strongest stands. */
  get keys(): ReadonlyMap<string, Path> {
    const found = new Map<string, Path>();
    for (const { value, path } of this.#parts) {
      for (const key of Object.keys(value as object)) found.set(key, [...path, key]);
    }
    return found;
  }

  where(path: Path, part: 'key' | 'value' = 'key'): Span {
    return this.#source.locate(path, part);
  }
}

function textIn({ value }: Written, key: string): string | null {
  const text = isMap(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : null;
}
