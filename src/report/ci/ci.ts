/**
 * `ci/` says things as CI systems read them.
 *
 * This file: what a CI system is told of a run beside the lines that people read.
 */
import type { Diagnostic, LinkloomError } from '../../errors.ts';
import type { Event, Failure, Stage } from '../../events.ts';
import { subjectText } from '../../subject.ts';
import type { Sink } from '../output.ts';
import { STAGE_NOW } from '../reporters/stages.ts';
import { type Annotation, annotationLine, END_OF_GROUP, groupLine } from './github.ts';
import { sectionEnd, sectionStart } from './gitlab.ts';
import type { CiSystem } from './system.ts';

export interface CiOptions {
  readonly system: CiSystem;
  /** How the repository calls a file; null: it is not in it. */
  readonly fileOf: (file: string) => string | null;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** Stages that have a group: those that have a line however short they are. */
const GROUPED: ReadonlySet<Stage> = new Set<Stage>(['load', 'observe', 'plan', 'apply', 'verify']);

/** Writes groups around stages, and annotations. */
export class CiReporter {
  readonly #options: CiOptions;
  readonly #sink: Sink;
  #open: Stage | null = null;
  #sections = 0;

  constructor(options: CiOptions, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
  }

  /** What comes before the lines of an event. */
  before(event: Event): void {
    if (event.type !== 'stage' || event.state !== 'begin' || !GROUPED.has(event.stage)) return;
    this.close();
    this.#open = event.stage;
    this.#sections += 1;
    const title = `linkloom: ${STAGE_NOW[event.stage]}`;
    this.#sink.write(
      this.#options.system === 'github'
        ? groupLine(title)
        : sectionStart(this.#section(event.stage), title, this.#nowS()),
    );
  }

  /** What comes after them. */
  after(event: Event): void {
    if (event.type === 'stage' && event.state === 'end' && event.stage === this.#open) this.close();
    for (const annotation of annotationsOf(event)) this.#annotate(annotation);
  }

  /** An error that ends the verb. */
  threw(error: LinkloomError): void {
    this.close();
    const { where } = error;
    for (const diagnostic of error.diagnostics) this.#annotate(ofDiagnostic(diagnostic));
    const place = typeof where === 'object' ? { where } : {};
    const told = error.diagnostics.length === 0 || where !== undefined;
    if (told)
      this.#annotate({ severity: 'error', title: 'linkloom', message: withHint(error.message, error.hint), ...place });
  }

  /** Ends the group that is open. */
  close(): void {
    const stage = this.#open;
    if (stage === null) return;
    this.#open = null;
    this.#sink.write(this.#options.system === 'github' ? END_OF_GROUP : sectionEnd(this.#section(stage), this.#nowS()));
  }

  #annotate(annotation: Annotation): void {
    if (this.#options.system === 'github') this.#sink.write(annotationLine(annotation, this.#options.fileOf));
  }

  #section(stage: Stage): string {
    return `linkloom_${stage}_${this.#sections}`;
  }

  #nowS(): number {
    return this.#options.now() / 1000;
  }
}

function annotationsOf(event: Event): readonly Annotation[] {
  switch (event.type) {
    case 'diagnostic':
      return [ofDiagnostic(event.diagnostic)];
    case 'failure':
      return [ofFailure(event.failure)];
    case 'proved':
      return event.faults.map(({ link, state, message, hint, where }) => ({
        severity: 'error',
        title: `${link}: ${state}`,
        message: withHint(message ?? state, hint ?? undefined),
        where,
      }));
    default:
      return [];
  }
}

function ofDiagnostic({ severity, code, message, where, hint }: Diagnostic): Annotation {
  return { severity, title: `linkloom: ${code}`, message: withHint(message, hint), where };
}

function ofFailure({ subject, code, message, hint }: Failure): Annotation {
  const what = subjectText(subject);
  return { severity: 'error', title: `${what}: ${code}`, message: withHint(message, hint) };
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\nhint: ${hint}`;
}
