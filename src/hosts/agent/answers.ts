/** What a host answers about a lab, by the word that is asked. */
import type { Answer } from './serving.ts';

export const ANSWERS: Readonly<Record<string, Answer>> = {};
