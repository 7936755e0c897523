/** All verbs, with their options and texts. */
import type { LoadedVerb } from '../../src/cli/verb.ts';
import { loadVerbs, VERBS } from '../../src/cli/verbs.ts';

export const ALL_VERBS: readonly LoadedVerb[] = await loadVerbs(VERBS);
