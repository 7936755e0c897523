/** Examples of faults of checks. */
import type { CHECKS } from '../../src/diagnostics/checks.ts';
import type { Examples, FileExample } from './example.ts';

function lab(checks: string): FileExample {
  return { files: { 'lab.yaml': `nodes: {a: {}, b: {}}\nwires:\n  - [a:eth1, b:eth1]\nchecks:\n${checks}` } };
}

export const CHECK_EXAMPLES: Examples<keyof typeof CHECKS> = {
  'check-value': lab('  - {from: a, to: b, within: 30}\n'),
  'check-name-twice': lab('  - {name: one, from: a, to: b}\n  - {name: one, from: b, to: a}\n'),
};
