/** The `--progress` modes. In a file of their own: the command line needs the words before any reporter. */

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** What a word in the environment says of a switch; null: neither on nor off. */
export function switchOf(word: string): boolean | null {
  if (/^(?:1|true|yes|on)$/i.test(word)) return true;
  return /^(?:0|false|no|off)$/i.test(word) ? false : null;
}

/** Whether a switch in the environment is on: set, and not to nothing, `0` or `false`. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && switchOf(value) !== false;
}
