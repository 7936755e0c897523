/** The keys of all sections, with what the schema and the facts say of each. */
import { type Edit, FIRST_VERSION, type KeyFacts, type Section } from './facts.ts';
import { type KeyShape, shapeOf } from './schema.ts';
import { SECTIONS } from './sections.ts';

export interface Key extends KeyShape {
  readonly section: Section;
  readonly name: string;
  readonly facts: KeyFacts;
  /** A whole file with the key in it. */
  readonly example: string;
}

/** The same map may be known by two schema objects: each key's own entries tell. */
function sectionOf(map: unknown): string | null {
  const entries = (map as { entries?: unknown }).entries;
  return SECTIONS.find(({ schema }) => schema.entries === entries)?.name ?? null;
}

/** All keys of a section, in the order of the schema. */
export function keysOf(section: Section): readonly Key[] {
  return Object.entries(section.schema.entries).map(([name, schema]) => {
    const facts = section.facts[name];
    if (facts === undefined) throw new TypeError(`${section.name}.${name} has no facts`);
    const nameOf = (map: unknown): string | null => {
      const found = sectionOf(map);
      return found === section.name ? null : found;
    };
    return { ...shapeOf(schema, nameOf), section, name, facts, example: section.file(facts.example) };
  });
}

export const KEYS: readonly Key[] = SECTIONS.flatMap(keysOf);

/** What becomes of what is there when the value is edited. */
function editWords(edit: Edit | undefined): string {
  if (edit === undefined) return 'counts for what it describes';
  if (typeof edit !== 'string') return edit.text;
  return {
    'in place': 'changed in place',
    anew: 'the link is made anew',
    'another link': 'the old link goes, another one comes',
    'container anew': 'the container is made anew',
  }[edit];
}

/** Name and value of each fact, in the order of the page: type, unit, default, edit, since. */
export function factLines({ type, isRequired, facts }: Key): readonly (readonly [name: string, value: string])[] {
  return [
    ['Value', type],
    ...(facts.unit === undefined ? [] : [['Unit', facts.unit] as const]),
    ['Default', isRequired ? 'none: it has to be given' : (facts.default ?? 'none')],
    ['When edited', editWords(facts.edit)],
    ['Since', facts.since ?? FIRST_VERSION],
  ];
}
