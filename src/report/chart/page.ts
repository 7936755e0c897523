/** An HTML page with everything in it. It loads nothing from elsewhere. */
import { escapeXml } from './svg.ts';

export interface PageTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Section {
  readonly heading: string;
  readonly notes?: readonly string[];
  /** Figures as SVG text. */
  readonly figures?: readonly string[];
  readonly table?: PageTable;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:880px;margin:2em auto;padding:0 1em;color:#222;background:#fff}
svg{width:100%;height:auto;font:13px system-ui,sans-serif}.title{font-weight:600}.grid{stroke:#ddd}
table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}`;

/** The page as text. `facts`: lines about the machine and the run. */
export function pageHtml(title: string, facts: readonly string[], sections: readonly Section[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeXml(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeXml(title)}</h1>
${facts.map((fact) => `<p>${escapeXml(fact)}</p>`).join('\n')}
${sections.map(sectionHtml).join('\n')}
</body>
</html>
`;
}

function sectionHtml({ heading, notes = [], figures = [], table }: Section): string {
  return [
    `<h2>${escapeXml(heading)}</h2>`,
    ...notes.map((note) => `<p>${escapeXml(note)}</p>`),
    ...figures,
    ...(table === undefined ? [] : [tableHtml(table)]),
  ].join('\n');
}

function tableHtml({ head, rows }: PageTable): string {
  const row = (cells: readonly string[], tag: 'td' | 'th'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[row(head, 'th'), ...rows.map((cells) => row(cells, 'td'))].join('\n')}\n</table>`;
}
