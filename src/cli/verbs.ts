/** All verbs, in the order that help lists them. */
import { completion } from './about/completion.ts';
import { version } from './about/version.ts';
import { generate } from './files/generate.ts';
import { mdc } from './files/mdc.ts';
import { exec } from './lab/exec.ts';
import type { Verb } from './verb.ts';

export const VERBS: readonly Verb[] = [exec, generate, mdc, completion, version];
