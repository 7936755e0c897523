/**
 * Files of tests that need no process of their own are run by the group: to start Node.js and to load the program some two hundred times
 * would take longer than the tests. `files.ts` runs a group.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Together } from './files.ts';

const RUN = new URL('./files.js', import.meta.url).href;

export interface Groups extends Disposable {
  /** What Node.js runs in place of the files. */
  readonly entries: readonly string[];
  /** The files during which a group ended, though not all of its files had run. */
  endedEarly(): readonly string[];
}

export interface GroupsOptions extends Pick<Together, 'root' | 'timeoutMs'> {
  /** Is made for the entries, and goes at the end. */
  readonly folder: string;
}

/**
 * Writes an entry for each `size` files. Those are neighbours, which load much the same; and the same ones share a process on every
 * machine. `names` are paths from `root`.
 */
export function groupsOf(names: readonly string[], size: number, { root, folder, timeoutMs }: GroupsOptions): Groups {
  const notes = join(folder, 'notes');
  mkdirSync(folder);
  const groups = Array.from({ length: Math.ceil(names.length / size) }, (_, at) =>
    names.slice(at * size, (at + 1) * size),
  );
  const entries = groups.map((group, at) => {
    const entry = join(folder, `group-${at + 1}.mjs`);
    const together: Together = { names: group, root, note: join(notes, String(at + 1)), timeoutMs };
    writeFileSync(
      entry,
      `import { runTogether } from ${JSON.stringify(RUN)};\nawait runTogether(${JSON.stringify(together)});\n`,
    );
    return entry;
  });
  return {
    entries,
    endedEarly: () =>
      existsSync(notes) ? readdirSync(notes).map((name) => readFileSync(join(notes, name), 'utf8')) : [],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
