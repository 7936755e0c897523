/** What editors show of a key: its description, its default and unit, since when there is such a key, and an example. */
import { parse } from 'yaml';
import { factLines, KEYS, type Key } from '../reference/keys.ts';
import type { Json } from './rules.ts';

const BY_ENTRIES = new Map<unknown, readonly Key[]>();
for (const key of KEYS) {
  const { entries } = key.section.schema;
  BY_ENTRIES.set(entries, [...(BY_ENTRIES.get(entries) ?? []), key]);
}

/** Adds to the keys of a map what is known of them. `schema` is valibot's, `json` what became of it. */
export function withHovers(schema: unknown, json: Json): void {
  const properties = json['properties'] as Record<string, Json> | undefined;
  for (const key of BY_ENTRIES.get((schema as { entries?: unknown }).entries) ?? []) {
    const property = properties?.[key.name];
    if (property === undefined) continue;
    const example = exampleOf(key);
    const facts = factLines(key).filter(([name]) => name !== 'Value');
    property['description'] = [
      `${sentence(key.description)}\n`,
      ...facts.map(([name, value]) => `${name}: ${value}`),
    ].join('\n');
    if (example !== undefined) property['examples'] = [example];
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The value of the key in its example, which is the inside of a map, or whole lines. */
function exampleOf({ facts, name }: Key): unknown {
  for (const text of [`{${facts.example}}`, facts.example]) {
    try {
      const value = (parse(text) as Record<string, unknown> | null)?.[name];
      if (value !== undefined) return value;
    } catch {
      // The other form.
    }
  }
  return undefined;
}
