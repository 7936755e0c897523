/** Writes words as one command line. */

/** Characters that mean nothing to those who split command lines. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A text that splits into these words again, by the rules of shells for quotes and backslashes. */
export function commandLineOf(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

/** The same for a command as the configuration has it: a list of words, or a text that a shell runs. */
export function commandLineOfCommand(command: string | readonly string[]): string {
  return commandLineOf(typeof command === 'string' ? ['sh', '-c', command] : command);
}

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  return word.includes("'") ? `"${word.replaceAll(/["\\]/g, '\\$&')}"` : `'${word}'`;
}
