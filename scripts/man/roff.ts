/** Writes man(7): text that a formatter takes as it stands, and the few macros that the pages use. */

/**
 * Plain text as roff. A backslash, and a dot or a quote at the front of a line, would be commands. A minus of an option must stay one
 * that can be copied.
 */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replace(
      /[^\x20-\x7e\n]/g,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^([.'])/gm, '\\&$1');
}

/** A paragraph: words in backquotes become bold, links of Markdown only their text. */
function prose(markdown: string): string {
  const plain = markdown.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
  const parts = plain.split(/`([^`]*)`/);
  const text = parts.map((part, at) => (at % 2 === 0 ? escaped(part) : bold(part))).join('');
  return text.replace(/^([.'])/gm, '\\&$1');
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** The argument of a macro: one word, whatever is in it. */
function argument(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}

export interface Head {
  readonly name: string;
  readonly section: 1 | 5;
  readonly version: string;
  /** One line: what it is or does. */
  readonly summary: string;
}

export function head({ name, section, version, summary }: Head): string {
  const title = name.toUpperCase();
  return [
    `.TH ${argument(title)} ${section} "" ${argument(`linkloom ${version}`)} "linkloom"`,
    // Neither hyphens of its own, which would get into names of options, nor lines that are blown up.
    '.nh',
    '.ad l',
    heading('Name'),
    `${escaped(name)} \\- ${prose(summary)}`,
  ].join('\n');
}

export function heading(title: string): string {
  return `.SH ${argument(title.toUpperCase())}`;
}

/** An entry of a list: a term in bold, and what it means below it. */
export function entry(term: string, meaning: string): string {
  return `.TP\n${bold(term)}\n${prose(meaning)}`;
}

export function paragraph(markdown: string): string {
  return `.PP\n${prose(markdown)}`;
}

/** Text that is shown line by line, as it is. */
export function literal(text: string): string {
  return `.PP\n.RS 4\n.nf\n${escaped(text.replace(/\n$/, ''))}\n.fi\n.RE`;
}
