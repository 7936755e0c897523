/** Makes names fit a format: what can't be a name there is changed, the same one always to the same, and noted. */
import type { Notes, Where } from '../config/import/notes.ts';
import { quote } from '../config/text/excerpt.ts';

export class Names {
  readonly #notes: Notes<'export'>;
  readonly #fit: RegExp;
  readonly #reserved: ReadonlySet<string>;
  readonly #given = new Map<string, string>();

  /** `fit` is what a name must match from its first sign on; `reserved` are names that mean something else there. */
  constructor(notes: Notes<'export'>, fit: RegExp, reserved: ReadonlySet<string>) {
    this.#notes = notes;
    this.#fit = fit;
    this.#reserved = reserved;
  }

  /** The name of what `id` identifies. */
  of(id: string, written: string, where: Where): string {
    const known = this.#given.get(id);
    if (known !== undefined) return known;
    const taken = new Set(this.#given.values());
    const isFree = (name: string) => !taken.has(name) && !this.#reserved.has(name);
    const base = this.#fit.test(written) ? written : `n${written}`;
    let name = base;
    for (let number = 2; !isFree(name); number++) name = `${base}-${number}`;
    this.#given.set(id, name);
    if (name !== written) this.#notes.add('export-renamed', `${quote(written)} is called ${name}`, where);
    return name;
  }
}
