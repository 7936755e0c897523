/** The `--progress` modes. They have their own file, so that the command line can read them without loading a reporter. */

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** The value of a switch in the environment as a boolean; null: the word means neither on nor off. */
export function switchOf(word: string): boolean | null {
  if (/^(?:1|true|yes|on)$/i.test(word)) return true;
  return /^(?:0|false|no|off)$/i.test(word) ? false : null;
}

/** Whether a switch in the environment is on: it is set, and not to an empty text, `0` or `false`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && switchOf(value) !== false;
}
