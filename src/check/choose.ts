/** Checks by their names. */
import { isGlob, patternOf } from '../config/nodes/pattern.ts';
import { nearest } from '../config/text/nearest.ts';
import { LinkloomError } from '../errors.ts';
import type { CheckSpec } from '../topology/check/spec.ts';

/**
 * The checks that names and patterns stand for, in the order of the file. Without names all of them, unless something else is asked for
 * (`isElse`). Throws E_NODE_MISSING where a name stands for none, and E_CONFIG where there is nothing to check.
 */
export function chooseChecks(
  checks: readonly CheckSpec[],
  names: readonly string[],
  isElse: boolean,
): readonly CheckSpec[] {
  if (names.length === 0) {
    if (checks.length > 0 || isElse) return isElse ? [] : checks;
    throw new LinkloomError('E_CONFIG', 'the configuration has no checks', {
      hint: 'write some under `checks:`, or try every pair of nodes by --all-pairs',
    });
  }
  const chosen = new Set<CheckSpec>();
  for (const name of names) {
    const pattern = patternOf([name]);
    const found = checks.filter((check) => check.name === name || (isGlob(name) && pattern.test(check.name)));
    if (found.length === 0) throw unknown(name, checks);
    for (const check of found) chosen.add(check);
  }
  return checks.filter((check) => chosen.has(check));
}

function unknown(name: string, checks: readonly CheckSpec[]): LinkloomError {
  const near = nearest(
    name,
    checks.map((check) => check.name),
  );
  const hint =
    near === undefined
      ? `there are ${checks.map((check) => check.name).join(', ') || 'none'}`
      : `did you mean ${near}?`;
  return new LinkloomError('E_NODE_MISSING', `no check is called ${name}`, { where: name, hint });
}
