/** Which CI system runs this process. */
import { isSet } from '../modes.ts';

export type CiSystem = 'github' | 'gitlab';

/** By the variables that the systems set in every job. null: none of those that are known. */
export function ciSystemOf(env: Readonly<Record<string, string | undefined>>): CiSystem | null {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  return isSet(env['GITLAB_CI']) ? 'gitlab' : null;
}
