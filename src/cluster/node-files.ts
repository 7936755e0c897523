/** Files that lie beside a configuration go with its record: `copy:` of the record has relative paths, which are keys of `files`. */
import type { LabRecord } from './record.ts';

type Plain = Readonly<Record<string, unknown>>;

/** The same configuration with other sources of `copy:`, in nodes, defaults and groups. */
export function withSources(config: LabRecord['config'], sourceOf: (source: string) => string): LabRecord['config'] {
  const { nodes, defaults, groups } = config;
  const inNodes = (of: unknown): unknown => each(of, (node) => copied(node, sourceOf));
  const inParts = (part: unknown): unknown =>
    isPlain(part) && isPlain(part['node']) ? { ...part, node: copied(part['node'], sourceOf) } : part;
  return {
    ...config,
    ...(nodes === undefined ? {} : { nodes: inNodes(nodes) }),
    ...(defaults === undefined ? {} : { defaults: inParts(defaults) }),
    ...(groups === undefined ? {} : { groups: each(groups, inParts) }),
  };
}

/** The sources of `copy:` that a node of the configuration has. */
export function sourcesOf({ nodes }: LabRecord['config'], name: string): readonly string[] {
  const node = isPlain(nodes) && Object.hasOwn(nodes, name) ? nodes[name] : null;
  const found: string[] = [];
  if (isPlain(node)) {
    copied(node, (source) => {
      found.push(source);
      return source;
    });
  }
  return found;
}

function copied(node: unknown, sourceOf: (source: string) => string): unknown {
  if (!isPlain(node) || !Array.isArray(node['copy'])) return node;
  const copy = node['copy'].map((item: unknown) => {
    if (isPlain(item)) return typeof item['source'] === 'string' ? { ...item, source: sourceOf(item['source']) } : item;
    if (typeof item !== 'string') return item;
    const [source = '', ...rest] = item.split(':');
    return [sourceOf(source), ...rest].join(':');
  });
  return { ...node, copy };
}

function each(of: unknown, change: (value: unknown) => unknown): unknown {
  return isPlain(of) ? Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)])) : of;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
