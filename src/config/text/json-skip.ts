/** Steps over parts of a JSON text. */

/** The offset of the next character that is no white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
  }
  return at;
}

/** The offset after the string that begins at `from`; the length of the text if the string does not end. */
export function skipString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at += 1;
    else if (char === 0x22) return at + 1;
    else if (char === 0x0a) return at;
  }
  return text.length;
}

/** What one pass over a valid JSON text finds. */
export interface Outline {
  /** The offset at which it first goes deeper than the limit; -1 if it does not. */
  readonly deepAt: number;
  /** How many members all objects have, with duplicates counted each time. */
  readonly members: number;
}

/** Makes one pass over a valid JSON text. It stops where the text goes deeper than `most` levels. */
export function outlineOf(text: string, most: number): Outline {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > most) return { deepAt: at, members };
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return { deepAt: -1, members };
}

/** The offset of the quote that ends the string at `from`, of a valid text. It is called for every text of a lab. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1);
  while (text.charCodeAt(end - 1) === 0x5c && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** Whether the number of backslashes before a character is odd. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === 0x5c) first -= 1;
  return (at - first) % 2 === 1;
}
