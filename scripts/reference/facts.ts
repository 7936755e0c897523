/** What the reference says of a key beside what the schema knows of it: type and meaning come from `src/config/`. */

/** What becomes of what is there when the key's value is edited and `up` runs again. A key without one is read anew. */
export type Edit =
  /** The device keeps living: no packet is lost for it. */
  | 'in place'
  /** The device is made anew, with the same name, MAC and addresses. */
  | 'anew'
  /** The old link goes and another one comes. */
  | 'another link'
  /** The container is removed and made anew, with its links. */
  | 'container anew'
  | { readonly text: string };

export interface KeyFacts {
  /** The key's entry in a map, or whole lines, as the example of the section puts them into a file. */
  readonly example: string;
  /** The same with another value. A test plans the edit, and compares it with `edit`. */
  readonly edited?: string;
  readonly edit?: Edit;
  readonly default?: string;
  readonly unit?: string;
  /** The version that brought the key; the first one unless given. */
  readonly since?: string;
}

/** The version of keys that have been there from the beginning. */
export const FIRST_VERSION = '0.1.0';

/** Facts of every key of a section. A key without facts does not compile. */
export type Facts<K extends PropertyKey> = Readonly<Record<K, KeyFacts>>;

/** The schema of a map with known keys, as far as the reference reads it. */
export interface Entries {
  readonly entries: Readonly<Record<string, unknown>>;
}

export interface Section {
  /** Its name in headings and anchors. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly schema: Entries;
  readonly facts: Readonly<Record<string, KeyFacts>>;
  /** Makes a whole file of an example. */
  readonly file: (example: string) => string;
}
