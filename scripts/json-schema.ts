/** The JSON Schemas of a network file and of a timeline, made from `src/config/`. Nothing in `src/` imports them. */
import { toJsonSchema } from '@valibot/to-json-schema';
import { NetworkSchema } from '../src/config/network-schema.ts';
import { TimelineSchema } from '../src/config/play/schema.ts';

type Json = { [key: string]: unknown };

/** A text with a `$` in it: its variables may make it a value of the type that is wanted. */
const VARIABLE = { type: 'string', pattern: '\\$', description: 'text with variables' };

const TWO_NODES = {
  anyOf: [
    { required: ['service', 'container'] },
    { required: ['service', 'netns'] },
    { required: ['container', 'netns'] },
  ],
};

/** The schema as a file, formatted as the formatter of the project would. */
export function networkSchemaText(): string {
  return formatted(networkJsonSchema());
}

/** The schema of a timeline as a file. */
export function timelineSchemaText(): string {
  const { $schema, ...rest } = toJsonSchema(TimelineSchema, { errorMode: 'ignore' }) as Json;
  const title = { title: 'linkloom timeline', description: 'what is done to the links of a running lab, and when' };
  return formatted(opened({ $schema, ...title, ...rest }) as Json);
}

/** As in biome.json. */
const LINE_WIDTH = 120;

/** JSON as a file, with lists of texts in one line, where they fit. */
export function formatted(document: Json): string {
  const text = JSON.stringify(document, null, 2);
  const lists = /^(.*)\[\s+((?:"[^"]*",?\s+)+)\](,?)/gm;
  const inOneLine = text.replace(lists, (whole, before: string, items: string, comma: string) => {
    const line = `${before}[${items.trim().replace(/\s+/g, ' ')}]${comma}`;
    return line.length <= LINE_WIDTH ? line : whole;
  });
  return `${inOneLine}\n`;
}

/** draft-07, as editors like it. Where a value is checked further than its type, text with variables passes too. */
function networkJsonSchema(): Json {
  const schema = toJsonSchema(NetworkSchema, {
    errorMode: 'ignore',
    overrideSchema: ({ jsonSchema }) => withVariables(jsonSchema as Json),
  }) as Json;
  const { $schema, ...rest } = schema;
  const top = {
    $schema,
    title: 'linkloom network',
    description: 'links between nodes: a file, or what stands under x-network',
    ...rest,
  };
  const result = opened(top) as Json & { properties: { links: { items: Json }; commands: { items: Json } } };
  // A link under a service of a compose file may leave its node out, so not even one is demanded here.
  for (const kind of ['links', 'commands'] as const) result.properties[kind].items['not'] = TWO_NODES;
  return result;
}

function withVariables(schema: Json): Json | undefined {
  const checked = schema['enum'] !== undefined || schema['pattern'] !== undefined;
  return checked ? { anyOf: [schema, VARIABLE] } : undefined;
}

/** Maps with a fixed set of keys also take keys that begin with `x-`. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const result = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, opened(value)])) as Json;
  if (result['additionalProperties'] === false) result['patternProperties'] = { '^x-': {} };
  return result;
}
