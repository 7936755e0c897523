/** From what a schema found to what a person reads: the key, what it must be, what it is, where, and what to do. */
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
  /** Asked only if the fault is reported: finding a place costs a search. */
  readonly where?: (() => Span | undefined) | undefined;
  readonly hint?: string | undefined;
}

/** Faults of one severity that are reported; the others are only counted. */
const MAX_REPORTED = 100;
/** UTF-16 units of a message, and of a hint: more is nothing that a person reads. */
const MAX_MESSAGE = 600;

/** No longer than a person reads, and no word of it longer than a line or two: a value may be of any length. */
function cut(text: string): string {
  return shortened(
    text.replaceAll(LONG_WORD, (word) => shortened(word, MAX_WORD)),
    MAX_MESSAGE,
  );
}

const MAX_WORD = 200;
const LONG_WORD = /\S{201,}/g;

/** Collects faults in the order they are found. */
export class Diagnostics {
  readonly #list: Diagnostic[] = [];
  readonly #shown = { error: 0, warning: 0 };
  readonly #hidden = { error: 0, warning: 0 };

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

  /** What was found elsewhere. */
  addAll(found: readonly Diagnostic[]): void {
    for (const { code, severity, message, where, hint, count } of found) {
      if (count === undefined) this.add(code, message, { where: () => where, hint });
      else this.#hidden[severity] += count;
    }
  }

  /** Whether further errors are only counted, so that their words need not be made. */
  get isFull(): boolean {
    return this.#shown.error === MAX_REPORTED;
  }

  /** Whether nothing was found. */
  get none(): boolean {
    return this.#list.length === 0;
  }

  /** All that is reported, in the order found, and how many more there are. */
  get list(): readonly Diagnostic[] {
    return [...this.#list, ...this.#more()];
  }

  /** The same by file, in the order of first mention, then by place; what has no place comes first. */
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

/** Stands for so many that are not shown. */
function moreOf(severity: Severity, count: number): Diagnostic {
  const message = `and ${count.toLocaleString('en')} more ${severity}${count === 1 ? '' : 's'}, not shown`;
  return diagnosticOf(`more-${severity}s`, message, { count });
}

/** Diagnostics of several places as one list, no longer than one may be. */
export function together(...lists: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] {
  const all = new Diagnostics();
  for (const list of lists) all.addAll(list);
  return all.list;
}

/** Reports what one issue of the schema says about one entry. `label` names the entry, as `r0:eth1`. */
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

/** Of what may be one value or a list (or a map) and is one, what is wrong with each item. */
function itemIssues(issue: BaseIssue<unknown>): readonly BaseIssue<unknown>[] {
  if (issue.type !== 'union' || typeof issue.input !== 'object' || issue.input === null) return [];
  const isList = Array.isArray(issue.input);
  const within = (issue.issues ?? []).filter(
    ({ path, expected }) => path !== undefined && expected !== 'never' && !(isList && path[0]?.type === 'object'),
  );
  return within.map((inner) => ({ ...inner, path: [...(issue.path ?? []), ...(inner.path ?? [])] }) as typeof issue);
}

/** What is wrong, as a message quotes it. A number or a word is told as it was written: 0123 became 123 only here. */
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

/** `did you mean "x"?` for the nearest word, if one is near enough to be a slip. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}
