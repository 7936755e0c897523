/** Patterns of names, as `groups:` and `--image` have them. */

/** Names and patterns as one regular expression: `*` is any characters, `?` is one. */
export function patternOf(globs: readonly string[]): RegExp {
  const parts = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.'),
  );
  return new RegExp(`^(?:${parts.join('|')})$`, 's');
}

/** Whether a text is a pattern of names, and no plain name. */
export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}
