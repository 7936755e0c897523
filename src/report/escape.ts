/** Escapes text from outside (names, kernel messages, output of commands), so that it is harmless on a terminal. */

/**
 * C0 and C1 controls, DEL, bidi controls, line and paragraph separators, and lone surrogates. These could move a cursor, start an
 * escape sequence or make one name look like another.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Escapes one line of text. A control character becomes `\t`, `\n`, `\x1b` or `\u{202e}`, for example. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Escapes several lines like `printable`, but keeps line breaks and turns tabs into spaces. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '    ')))
    .join('\n');
}

function escaped(character: string): string {
  if (character === '\t') return '\\t';
  if (character === '\n') return '\\n';
  const point = character.codePointAt(0) ?? 0;
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`;
}
