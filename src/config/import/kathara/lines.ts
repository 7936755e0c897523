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
  /** Lines that are no setting: of another form, without a value, or with a quote that is not closed. */
  readonly others: readonly { readonly text: string; readonly where: Where }[];
}

const OF_MACHINE = /^([A-Za-z0-9_.-]+)\[([A-Za-z0-9_]+)\]\s*=\s*(.*)$/;
/** Labs from Kathara's template say nothing of their authors. */
const SAYS_NOTHING = /^LAB_[A-Z]+\s*=\s*(?:""|'')?$/;
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
    if (line === '' || SAYS_NOTHING.test(line)) continue;
    const where: Where = () => spanAt(start, start + line.length);
    const [, machine = null, key = '', written = ''] = OF_MACHINE.exec(line) ?? ofLab(line) ?? [];
    const value = unquoted(written);
    if (value === '') others.push({ text: line, where });
    else settings.push({ machine, key, value, where });
  }
  return { settings, others };
}

function ofLab(line: string): readonly (string | undefined)[] | null {
  const [all, key, value] = OF_LAB.exec(line) ?? [];
  return all === undefined ? null : [all, undefined, key, value];
}

/** The line up to a `#` that begins it or follows a blank, outside of quotes. */
function withoutComment(line: string): string {
  const signs = [...line];
  let quote = '';
  for (const [at, sign] of signs.entries()) {
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#' && /^$|\s$/.test(signs.slice(0, at).join(''))) return signs.slice(0, at).join('');
  }
  return line;
}

/** The value without the quotes around it. Empty if one of them is missing. */
function unquoted(text: string): string {
  const bare = text.trim();
  const quotes = /^["']/.exec(bare)?.[0];
  if (quotes === undefined) return bare;
  return bare.length > 1 && bare.endsWith(quotes) ? bare.slice(1, -1) : '';
}
