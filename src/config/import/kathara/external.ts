/** Reads `lab.ext` (kathara-lab.ext(5)): interfaces of the host that Kathara puts into collision domains. */
import { quote } from '../../text/excerpt.ts';
import { spansOf } from '../../text/source.ts';
import type { ForeignLab } from '../foreign-lab.ts';

/** Notes each line: an import takes no interface of the host away. */
export function leaveExternalOut({ notes }: ForeignLab, file: string, text: string): void {
  const spanAt = spansOf(file, text);
  let offset = 0;
  for (const raw of text.split('\n')) {
    const start = offset;
    offset += raw.length + 1;
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const why = 'it would take an interface of the host; see docs/host.md for ways to the outside';
    notes.leftOut(`the line ${quote(line)}`, () => spanAt(start, start + raw.trimEnd().length), why);
  }
}
