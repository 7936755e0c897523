/** Plain values as YAML, in block style, quick enough for ten thousand links; reads back to the same values. */

/** Words that some reader of YAML takes for something else than text. */
const SPECIAL = /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.inf|\.nan)$/i;
/** Text that needs no quotes anywhere, in YAML 1.1 or 1.2: begins with a letter, or is an address with a length. */
const PLAIN = /^(?:[A-Za-z_][A-Za-z0-9_./-]*|[0-9]+(?:\.[0-9]+){3}\/[0-9]+)$/;

/** One YAML document. Maps and lists nest; any other value is written as JSON writes it. */
export function emitYaml(value: unknown): string {
  const lines: string[] = [];
  emit(value, '', '', lines);
  return `${lines.join('\n')}\n`;
}

/** `head` begins the first line (`- ` of a list, `key:` of a map), `indent` the others. */
function emit(value: unknown, head: string, indent: string, lines: string[]): void {
  if (Array.isArray(value) && value.length > 0) {
    if (head.endsWith(':')) {
      lines.push(head);
      for (const item of value) emit(item, `${indent}  - `, `${indent}    `, lines);
    } else {
      for (const [index, item] of value.entries()) emit(item, `${index === 0 ? head : indent}- `, `${indent}  `, lines);
    }
    return;
  }
  if (isMap(value) && Object.keys(value).length > 0) {
    let first = head;
    if (head.endsWith(':')) lines.push(head);
    const below = head.endsWith(':') ? `${indent}  ` : indent;
    if (head.endsWith(':')) first = below;
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      emit(item, `${first}${scalar(key)}:`, below, lines);
      first = below;
    }
    return;
  }
  lines.push(`${head}${head.endsWith(':') ? ' ' : ''}${scalar(value)}`);
}

function scalar(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value) && !SPECIAL.test(value)) return value;
  return JSON.stringify(value) ?? 'null';
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
