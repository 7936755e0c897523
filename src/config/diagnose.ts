/** Turns what a schema found into messages for people: the key, what it must be, what it is, where, and what to do. */
import type { BaseIssue } from 'valibot';
import type { Severity } from '../diagnostics/rule.ts';
import { type DiagnosticCode, severityOf } from '../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf, type Span } from '../errors.ts';
import type { Origin } from './config.ts';
import { codeOf, expects } from './issue-codes.ts';
import { quote, shortened } from './text/excerpt.ts';
import { nearest } from './text/nearest.ts';
import type { Path } from './text/parsed.ts';

/** Where a fault is and what to do about it. */
export interface Advice {
  /** Called only if the fault is reported, since to find a position costs a search. */
  readonly where?: (() => Span | undefined) | undefined;
  readonly hint?: string | undefined;
}

/** The most faults of one severity that are reported. The others are only counted. */
const MAX_REPORTED = 100;
/** The most UTF-16 units of a message, and of a hint. Nobody reads more. */
const MAX_MESSAGE = 600;

/** Shortens a text to `MAX_MESSAGE`, and its words to `MAX_WORD`, since a message may quote a value of any length. */
function cut(text: string): string {
  return shortened(
    text.replaceAll(LONG_WORD, (word) => shortened(word, MAX_WORD)),
    MAX_MESSAGE,
  );
}

const MAX_WORD = 200;
const LONG_WORD = /\S{201,}/g;

/** Collects faults in the order in which they are found. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  readonly #shown = { error: 0, warning: 0, note: 0 };
  readonly #hidden = { error: 0, warning: 0, note: 0 };

  add(code: DiagnosticCode, message: string, { where, hint }: Advice = {}): void {
    const severity = severityOf(code);
    if (this.#shown[severity] === MAX_REPORTED) {
      this.#hidden[severity] += 1;
      return;
    }
    this.#shown[severity] += 1;
    const advice = { where: where?.(), hint: hint === undefined ? undefined : cut(hint) };
    this.#list.push(diagnosticOf(code, cut(message), advice));
  }

  /** Adds diagnostics that were collected elsewhere. */
  addAll(found: readonly Diagnostic[]): void {
    for (const { code, severity, message, where, hint, count } of found) {
      if (count === undefined) this.add(code, message, { where: () => where, hint });
      else this.#hidden[severity] += count;
    }
  }

  /** Whether further errors are only counted. Then their messages need not be made. */
  get isFull(): boolean {
    return this.#shown.error === MAX_REPORTED;
  }

  /** Whether nothing was found. */
  get none(): boolean {
    return this.#list.length === 0;
  }

  /** The reported diagnostics in the order in which they were found, and how many more there are. */
  get list(): readonly Diagnostic[] {
    return [...this.#list, ...this.#more()];
  }

  /** The same, sorted by file (in the order of their first mention) and by position. Diagnostics without a position come first. */
  get inOrder(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    for (const { where } of this.#list) {
      if (where !== undefined && !files.has(where.file)) files.set(where.file, files.size);
    }
    const rank = ({ where }: Diagnostic): number => (where === undefined ? -1 : (files.get(where.file) ?? 0));
    const sorted = this.#list.toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.where?.line ?? 0) - (b.where?.line ?? 0) ||
        (a.where?.column ?? 0) - (b.where?.column ?? 0),
    );
    return [...sorted, ...this.#more()];
  }

  #more(): readonly Diagnostic[] {
    return (['error', 'warning'] as const)
      .filter((severity) => this.#hidden[severity] > 0)
      .map((severity) => moreOf(severity, this.#hidden[severity]));
  }
}

/** The diagnostic that says how many are not shown. */
function moreOf(severity: Exclude<Severity, 'note'>, count: number): Diagnostic {
  const message = `and ${count.toLocaleString('en')} more ${severity}${count === 1 ? '' : 's'}, not shown`;
  return diagnosticOf(`more-${severity}s`, message, { count });
}

/** Joins lists of diagnostics into one, which is cut as each is. */
export function together(...lists: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] {
  const all = new Diagnostics();
  for (const list of lists) all.addAll(list);
  return all.list;
}

/** Reports one issue that the schema found in an entry. `label` is the entry's name in messages, such as `r0:eth1`. */
export function reportIssue(issue: BaseIssue<unknown>, origin: Origin, label: string, diagnostics: Diagnostics): void {
  const items = itemIssues(issue);
  if (items.length > 0) {
    for (const item of items) reportIssue(item, origin, label, diagnostics);
    return;
  }
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const key = path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
  if (issue.path?.at(-1)?.origin === 'key') {
    diagnostics.add('missing-key', `${label}: ${key} is missing`, { where: () => origin.source.locate(origin.path) });
    return;
  }
  if (diagnostics.isFull) {
    diagnostics.add('more-errors', '');
    return;
  }
  const input = inputOf(issue.input, origin, path);
  diagnostics.add(codeOf(issue), `${label}: ${key} ${sentence(issue, input)}`, {
    where: () => origin.source.locate([...origin.path, ...path]),
    hint: hintFor(issue, input),
  });
}

/** If a key takes one value or a list (or a map), and has a list or a map: what is wrong with each item. Else none. */
function itemIssues(issue: BaseIssue<unknown>): readonly BaseIssue<unknown>[] {
  if (issue.type !== 'union' || typeof issue.input !== 'object' || issue.input === null) return [];
  const isList = Array.isArray(issue.input);
  const within = (issue.issues ?? []).filter(
    ({ path, expected }) => path !== undefined && expected !== 'never' && !(isList && path[0]?.type === 'object'),
  );
  return within.map((inner) => ({ ...inner, path: [...(issue.path ?? []), ...(inner.path ?? [])] }) as typeof issue);
}

/** The wrong value, as a message quotes it. A number or a word is quoted as it was written: the parser turned 0123 into 123. */
function inputOf(input: unknown, { source, path }: Origin, below: Path): string {
  const isWord = typeof input === 'number' || typeof input === 'boolean';
  const written = isWord ? source.written([...path, ...below]) : undefined;
  return written === undefined ? quote(input) : shortened(written);
}

function sentence(issue: BaseIssue<unknown>, input: string): string {
  if (!issue.message.startsWith('must')) return `${input} ${issue.message}`;
  return issue.message === 'must not be empty' ? issue.message : `${issue.message}, not ${input}`;
}

function hintFor(issue: BaseIssue<unknown>, input: string): string | undefined {
  if (issue.type === 'picklist' && typeof issue.input === 'string') {
    const words = (issue as { requirement?: unknown; expected: string | null }).expected ?? '';
    return didYouMean(
      issue.input,
      [...words.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? ''),
    );
  }
  if (expects(issue, 'string') && !expects(issue, 'number') && ['number', 'boolean'].includes(typeof issue.input)) {
    return `put it in quotes: "${input}"`;
  }
  return undefined;
}

/** The question "did you mean …?" for the nearest known word; undefined if none is near enough to be a slip. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}
