/** Faults of `checks:`. */
import type { DiagnosticRules } from './rule.ts';

export const CHECKS = {
  'check-value': {
    severity: 'error',
    cause:
      'A value of a check is none that its key takes: a time without a unit, no URL, no regular expression, no target.',
    cure: 'Write it as the message says.',
  },
  'check-name-twice': {
    severity: 'error',
    cause: 'Two checks have the same name, so that it would not say which of them is meant.',
    cure: 'Give each a name of its own, or none.',
  },
} as const satisfies DiagnosticRules;
