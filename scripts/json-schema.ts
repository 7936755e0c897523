/** The JSON Schema of a network file, from the one schema. Programs of the project's own: nothing in src/ imports them. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { LinkSchema, NetworkSchema } from '../src/config/schema.ts';

type Json = { [key: string]: unknown };

/** Any text with a `$` may become what is wanted. */
const VARIABLE = { type: 'string', pattern: '\\$', description: 'text with variables' };

/** draft-07, as editors like it. Where a value is checked further than its type, text with variables passes too. */
export function networkJsonSchema(): Json {
  const schema = toJsonSchema(NetworkSchema, {
    errorMode: 'ignore',
    overrideSchema: ({ jsonSchema }) => withVariables(jsonSchema as Json),
  }) as Json;
  const { $schema, ...rest } = schema;
  const top = { $schema, title: 'linkloom network', description: 'links between nodes: a file, or what stands under x-network', ...rest };
  return opened(top) as Json;
}

function withVariables(schema: Json): Json | undefined {
  const checked = schema['enum'] !== undefined || schema['pattern'] !== undefined || schema['type'] === 'boolean';
  return checked ? { anyOf: [schema, VARIABLE] } : undefined;
}

/** Closed maps take keys of one's own, `x-…`; a link names exactly one node. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const result = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, opened(value)])) as Json;
  if (result['additionalProperties'] === false) result['patternProperties'] = { '^x-': {} };
  return result;
}

void LinkSchema;
