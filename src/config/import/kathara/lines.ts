/** Reads the lines of a `lab.conf` (Kathara's manual, kathara-lab.conf(5)). */
import { spansOf } from '../../text/source.ts';
import type { Where } from '../notes.ts';

/** `MACHINE[KEY]=VALUE`, or `NAME=VALUE` of the lab itself, whose `machine` is null. */
export interface Setting {
  readonly machine: string | null;
  readonly key: string;
  readonly value: string;
  readonly where: Where;
}

export interface Lines {
  readonly settings: readonly Setting[];
  /** Lines that are no setting. */
  readonly others: readonly { readonly text: string; readonly where: Where }[];
}

const OF_MACHINE = /^([A-Za-z0-9_.-]+)\[([A-Za-z0-9_]+)\]\s*=\s*(.*)$/;
const OF_LAB = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;

export function linesOf(file: string, text: string): Lines {
  const spanAt = spansOf(file, text);
  const settings: Setting[] = [];
  const others: { text: string; where: Where }[] = [];
  let offset = 0;
  for (const raw of text.split('\n')) {
    const line = withoutComment(raw).trim();
    const start = offset + (raw.length - raw.trimStart().length);
    offset += raw.length + 1;
    if (line === '') continue;
    const where: Where = () => spanAt(start, start + line.length);
    const machine = OF_MACHINE.exec(line);
    const own = machine === null ? OF_LAB.exec(line) : null;
    if (machine !== null) {
      settings.push({ machine: machine[1] ?? '', key: machine[2] ?? '', value: unquoted(machine[3] ?? ''), where });
    } else if (own !== null) settings.push({ machine: null, key: own[1] ?? '', value: unquoted(own[2] ?? ''), where });
    else others.push({ text: line, where });
  }
  return { settings, others };
}

/** The line up to a `#` that stands outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (const [at, sign] of [...line].entries()) {
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#') return [...line].slice(0, at).join('');
  }
  return line;
}

function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text.trim());
  return match === null ? text.trim() : (match[2] ?? '');
}
