/** Reads a valibot schema as people read it: what a key is for, and what its value may be. */

/** The parts of valibot's schemas that are looked at. */
interface AnySchema {
  readonly kind: string;
  readonly type: string;
  readonly message?: unknown;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly value?: AnySchema;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly unknown[];
  readonly entries?: Readonly<Record<string, AnySchema>>;
}

export interface KeyShape {
  readonly description: string;
  /** What the value may be: `a whole number from 68 to 65535`. */
  readonly type: string;
  readonly isRequired: boolean;
  /** The schemas of maps that the value is, or holds. */
  readonly maps: readonly unknown[];
}

/** What the schema says of a key. `nameOf` gives the name of a map that has a section of its own. */
export function shapeOf(schema: unknown, nameOf: (map: unknown) => string | null): KeyShape {
  const written = schema as AnySchema;
  const inner = written.type === 'optional' ? (written.wrapped as AnySchema) : written;
  return {
    description: descriptionOf(inner),
    type: typeOf(inner, nameOf),
    isRequired: written.type !== 'optional',
    maps: mapsOf(inner),
  };
}

/** The schema of the items of a key's list. */
export function itemsOf(schema: unknown): { readonly entries: Readonly<Record<string, unknown>> } {
  const [map] = mapsOf(schema as AnySchema);
  if (map?.entries === undefined) throw new TypeError('there is no map in this schema');
  return { entries: map.entries };
}

function descriptionOf({ pipe }: AnySchema): string {
  const found = pipe?.find((step) => (step as AnySchema).type === 'description') as
    | { description?: string }
    | undefined;
  return found?.description ?? '';
}

const MUST_BE = /^must be /;

/** The words of the schema's own message, without those that a message begins with. */
function typeOf(schema: AnySchema, nameOf: (map: unknown) => string | null): string {
  const own = nameOf(baseOf(schema));
  if (own !== null) return `a map: see [${own}](#${own})`;
  const words = typeof schema.message === 'string' && MUST_BE.test(schema.message) ? schema.message : null;
  const below = mapsOf(schema)
    .map((map) => nameOf(map))
    .filter((name) => name !== null);
  const see = [...new Set(below)].map((name) => `[${name}](#${name})`).join(', ');
  if (schema.type === 'array' && see !== '') return `a list of maps: see ${see}`;
  if (schema.type === 'record') return see === '' ? 'a map' : `a map of names to maps: see ${see}`;
  const said = (words ?? 'must be text').replace(MUST_BE, '');
  return see === '' ? said : `${said}: see ${see}`;
}

/** The schema without its pipe, as the sections know it. */
function baseOf(schema: AnySchema): unknown {
  return schema.pipe?.[0] ?? schema;
}

/** All maps with known keys in a schema, the schema itself first. */
function mapsOf(schema: AnySchema): readonly AnySchema[] {
  const base = baseOf(schema) as AnySchema;
  if (base.entries !== undefined) return [base];
  const below = [base.wrapped, base.item, base.value, ...(base.type === 'union' ? (base.options ?? []) : [])];
  return below.flatMap((each) => (each === undefined ? [] : mapsOf(each as AnySchema)));
}
