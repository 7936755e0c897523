/** The schema of a network file, made from `src/config/` and from what this folder knows. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { NetworkSchema } from '../../src/config/network-schema.ts';
import { NodeSchema } from '../../src/config/nodes/schema.ts';
import { LinkDefaultsSchema } from '../../src/config/nodes/wire-schema.ts';
import { ImpairSchema, LinkSchema } from '../../src/config/schema.ts';
import { withHovers } from './hovers.ts';
import { IMPAIR_PATTERNS, NAMES, NUMBER_PATTERNS, PATTERNS, VARIABLE } from './patterns.ts';
import { rangePattern } from './range.ts';
import { itemOf, type Json, linkRules } from './rules.ts';

/** What stands at more than one place. */
const SHARED = { node: NodeSchema, linkDefaults: LinkDefaultsSchema, impair: ImpairSchema, link: LinkSchema };

/** draft-07, as editors like it. Where a value is checked further than its type, text with variables passes too. */
export function networkParts(): Json & { properties: Record<string, Json>; $defs: Record<string, Json> } {
  const schema = toJsonSchema(NetworkSchema, {
    target: 'draft-07',
    errorMode: 'ignore',
    definitions: SHARED,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      withHovers(valibotSchema, jsonSchema as Json);
      return refined(valibotSchema, jsonSchema as Json);
    },
  }) as Json;
  const result = opened(withVariables(schema)) as Json & {
    properties: Record<string, Json>;
    $defs: Record<string, Json>;
  };
  const { links, commands } = result.properties as { links: { items: Json }; commands: { items: Json } };
  result.$defs['link'] = { ...result.$defs['link'], allOf: linkRules() };
  result.$defs['command'] = commands.items;
  links.items = itemOf('link', false);
  commands.items = itemOf('command', false);
  for (const [key, pattern] of Object.entries(NAMES)) {
    result.properties[key] = { ...result.properties[key], propertyNames: { pattern } };
  }
  return result;
}

/** The schema with what the loader checks by code. */
function refined(schema: { readonly type: string }, json: Json): Json | undefined {
  const { message, entries } = schema as { message?: unknown; entries?: unknown };
  const words = typeof message === 'string' ? message.replace(/^must be /, '') : '';
  const pattern = schema.type === 'string' ? PATTERNS[words] : undefined;
  if (pattern !== undefined) return { ...json, ...patternOf(pattern, words) };
  const range = schema.type === 'union' ? rangeOf(json) : null;
  if (range !== null) return range;
  const ofNumber = schema.type === 'union' ? NUMBER_PATTERNS[words] : undefined;
  if (ofNumber !== undefined)
    return { ...json, anyOf: [{ type: 'string', ...patternOf(ofNumber, words) }, { type: 'number' }] };
  if (entries === ImpairSchema.entries) return withAmounts(json);
  return json['enum'] === undefined ? undefined : { anyOf: [json, { type: 'string', pattern: VARIABLE }] };
}

/** A whole number of a range, or the same in quotes; null for another union. */
function rangeOf(json: Json): Json | null {
  const [number, text, ...more] = (json['anyOf'] ?? []) as readonly Json[];
  const { type, minimum, maximum } = number ?? {};
  if (type !== 'integer' || text?.['type'] !== 'string' || more.length > 0) return null;
  const words = `a whole number from ${minimum} to ${maximum}`;
  return {
    ...json,
    anyOf: [number, { type: 'string', ...patternOf(rangePattern(Number(minimum), Number(maximum)), words) }],
  };
}

const patternOf = (pattern: string, words: string): Json => ({
  pattern: `${VARIABLE}|^(?:${pattern})$`,
  patternErrorMessage: `must be ${words}`,
});

/** The amounts of `impair` with their units; 0 needs none. */
function withAmounts(json: Json): Json {
  const properties = { ...(json['properties'] as Record<string, Json>) };
  for (const [key, pattern] of Object.entries(IMPAIR_PATTERNS)) {
    const { anyOf: _any, ...rest } = properties[key] ?? {};
    const text = {
      type: 'string',
      ...patternOf(`${pattern}|[0.]*0[0.]*`, 'an amount with its unit, as 10ms, 1% or 100mbit'),
    };
    properties[key] = { ...rest, anyOf: [text, { const: 0 }] };
  }
  return { ...json, properties, dependencies: { jitter: ['delay'] } };
}

/** Each text that has to match something may have variables in place of it. Names of keys have none. */
function withVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withVariables);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'propertyNames' || key === 'examples') return [key, value];
    if (key !== 'pattern' || typeof value !== 'string' || value.startsWith(VARIABLE))
      return [key, withVariables(value)];
    return [key, `${VARIABLE}|${value}`];
  });
  return Object.fromEntries(entries);
}

/** Maps with a fixed set of keys also take keys that begin with `x-`. */
export function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const result = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, opened(value)])) as Json;
  if (result['additionalProperties'] === false) result['patternProperties'] = { '^x-': {} };
  return result;
}
