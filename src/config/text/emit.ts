/** Writes plain values as YAML in block style, fast enough for a hundred thousand links. The text reads back as the same values. */

/** Words that some YAML readers do not take for text. */
const SPECIAL = /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.inf|\.nan)$/i;
/** Text that needs no quotes in YAML 1.1 or 1.2: it begins with a letter, or is an address with a prefix length. */
const PLAIN = /^(?:[A-Za-z_][A-Za-z0-9_./-]*|[0-9]+(?:\.[0-9]+){3}\/[0-9]+)$/;

/** Lines of printable ASCII, each with its newline; the first is not indented. */
const LINES = /^[!-~][ -~]*\n(?:[ -~]*\n)*$/;
/** What a literal block would not keep: lines of blanks alone, and more than one newline at the end. */
const LOST = /^ +$|\n\n$/m;

/** Writes one YAML document. Maps and lists may be nested; any other value is written as JSON writes it. */
export function emitYaml(value: unknown): string {
  return [...yamlPieces(value)].join('');
}

/** The same in pieces, each of which ends with a line break. */
export function* yamlPieces(value: unknown): Generator<string> {
  for (const lines of partsOf(value, '')) yield `${lines.join('\n')}\n`;
}

/** The lines of each item of a list, or of each key of a map of which no value is a list; so a long list is never there as a whole. */
function* partsOf(value: unknown, indent: string): Generator<readonly string[]> {
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value) yield itemLines(item, indent);
  } else if (isFilledMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (!Array.isArray(item) || item.length === 0) yield pairLines(key, item, indent);
      else {
        yield [`${indent}${scalar(key)}:`];
        yield* partsOf(item, `${indent}  `);
      }
    }
  } else yield [`${indent}${scalar(value)}`];
}

function linesOf(value: unknown, indent: string): readonly string[] {
  return [...partsOf(value, indent)].flat();
}

function itemLines(item: unknown, indent: string): readonly string[] {
  if (isBlock(item)) return [`${indent}- |`, ...blockOf(item, indent)];
  const [first = '', ...others] = linesOf(item, `${indent}  `);
  return [`${indent}- ${first.trimStart()}`, ...others];
}

function pairLines(key: string, item: unknown, indent: string): readonly string[] {
  if (isBlock(item)) return [`${indent}${scalar(key)}: |`, ...blockOf(item, indent)];
  const head = `${indent}${scalar(key)}:`;
  return isFilledMap(item) ? [head, ...linesOf(item, `${indent}  `)] : [`${head} ${scalar(item)}`];
}

/** Whether a value is text that a literal block (`|`) keeps as it is. */
function isBlock(value: unknown): value is string {
  return typeof value === 'string' && LINES.test(value) && !LOST.test(value);
}

/** The lines of a literal block, below the line that begins it. Empty lines stay empty. */
function blockOf(text: string, indent: string): string[] {
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}  ${line}`));
}

function scalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value) && !SPECIAL.test(value)) return value;
  return JSON.stringify(value) ?? 'null';
}

function isFilledMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
