/** The JSON Schemas of a network file, of a compose file and of a timeline, made from `src/config/`. Nothing in `src/` imports them. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { TimelineSchema } from '../../src/config/play/schema.ts';
import { composeJsonSchema } from './compose.ts';
import { networkParts, opened } from './network.ts';
import type { Json } from './rules.ts';

/** The schema as a file, formatted as the formatter of the project would. */
export function networkSchemaText(): string {
  return formatted(networkJsonSchema());
}

/** The schema of a compose file with `x-network`, and of a network file, as a file. */
export function composeSchemaText(): string {
  return formatted(composeJsonSchema());
}

/** The schema of a timeline as a file. */
export function timelineSchemaText(): string {
  const { $schema, ...rest } = toJsonSchema(TimelineSchema, { errorMode: 'ignore' }) as Json;
  const title = { title: 'linkloom timeline', description: 'what is done to the links of a running lab, and when' };
  return formatted(opened({ $schema, ...title, ...rest }) as Json);
}

/** As in biome.json. */
const LINE_WIDTH = 120;

/** JSON as a file, with lists that hold no map in one line, where they fit. */
export function formatted(document: Json): string {
  return `${printed(document, '', 0)}\n`;
}

/** `taken`: how many columns are in use before the value, and behind it by a comma. */
function printed(value: unknown, indent: string, taken: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (!Array.isArray(value)) {
    const lines = Object.entries(value).map(([key, of]) => {
      const name = `${JSON.stringify(key)}: `;
      return `${inner}${name}${printed(of, inner, inner.length + name.length + 1)}`;
    });
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
  }
  const line = inOneLine(value);
  if (line !== null && taken + line.length <= LINE_WIDTH) return line;
  return `[\n${value.map((item) => `${inner}${printed(item, inner, inner.length + 1)}`).join(',\n')}\n${indent}]`;
}

/** A list without maps, and not one of several longer lists; null for another value. */
function inOneLine(value: readonly unknown[]): string | null {
  if (value.length > 1 && value.every((item) => Array.isArray(item) && item.length > 1)) return null;
  const items = value.map((item) => {
    if (Array.isArray(item)) return inOneLine(item);
    return typeof item === 'object' && item !== null ? null : JSON.stringify(item);
  });
  return items.includes(null) ? null : `[${items.join(', ')}]`;
}

function networkJsonSchema(): Json {
  const { $schema, ...rest } = networkParts();
  return {
    $schema,
    description: 'links between nodes, for linkloom: a file, or what stands under x-network',
    ...rest,
  };
}
