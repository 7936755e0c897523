export type Severity = 'error' | 'warning';

/** What is known of a fault before it is found anywhere. */
export interface DiagnosticRule {
  /** With an error nothing is touched; a warning only speaks. */
  readonly severity: Severity;
  /** One sentence: what is wrong. */
  readonly cause: string;
  /** What to do, in a sentence or two. */
  readonly cure: string;
}

export type DiagnosticRules = Readonly<Record<string, DiagnosticRule>>;
