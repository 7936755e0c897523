/**
 * `import/` turns files of other tools into linkloom's own language. Each reader is pure: a text and what the files beside it hold
 * become a `ForeignLab`. What can't be carried over is never dropped in silence: it is noted, with its line.
 */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf, type Span } from '../../errors.ts';

/** Finds where something is written. It costs a search, so it is called only for what is noted. */
export type Where = () => Span | undefined;

/** Whether notes are of an import or of an export. */
type Way = 'import' | 'export';
type CodeOf<W extends Way> = Extract<DiagnosticCode, `${W}-${string}`>;

/** Collects what an import or an export has to say, all of it: a list that is cut would hide what is missing from the result. */
export class Notes<W extends Way = 'import'> {
  readonly #list: Diagnostic[] = [];
  readonly #said = new Set<string>();
  readonly #way: W;

  constructor(way: W) {
    this.#way = way;
  }

  /** Notes something once: the same words of the same line are not repeated. */
  add(code: CodeOf<W>, message: string, at?: Where, hint?: string): void {
    const where = at?.();
    const key = `${where?.line ?? 0} ${message}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#list.push(diagnosticOf(code, message, { where, hint }));
  }

  /** Notes that a part of the file is not in the result. `what` begins the sentence. */
  leftOut(what: string, where?: Where, why?: string): void {
    const code = this.#way === 'import' ? 'import-left-out' : 'export-left-out';
    this.add(code as CodeOf<W>, `${what} is not carried over${why === undefined ? '' : `: ${why}`}`, where);
  }

  /** In the order of the lines; what has no line comes first. */
  get inOrder(): readonly Diagnostic[] {
    return this.#list.toSorted((a, b) => (a.where?.line ?? 0) - (b.where?.line ?? 0));
  }
}
