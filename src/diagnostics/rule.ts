export type Severity = 'error' | 'warning' | 'note';

/** What is known of a kind of fault in advance. */
export interface DiagnosticRule {
  /** An error keeps linkloom from changing anything; a warning is only shown; a note is for who asks. */
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly cause: string;
  /** What to do, in a sentence or two. */
  readonly cure: string;
}

export type DiagnosticRules = Readonly<Record<string, DiagnosticRule>>;
