/** Draws boxes and lines as SVG, in colours that can be read on light and on dark pages. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
  readonly kind: 'node' | 'device' | 'switch' | 'area';
}

export interface Line {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly label?: string;
  readonly hasArrow?: true;
}

export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

const FILL = { node: '#dbeafe', device: '#fef3c7', switch: '#dcfce7', area: '#f8fafc' } as const;
const STROKE = { node: '#1d4ed8', device: '#b45309', switch: '#15803d', area: '#94a3b8' } as const;
const FONT = 'font-family="sans-serif" font-size="13" text-anchor="middle"';

export function svgOf({ title, width, height, boxes, lines }: Drawing): string {
  const areas = boxes.filter(({ kind }) => kind === 'area');
  const others = boxes.filter(({ kind }) => kind !== 'area');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">' +
      '<path d="M0 0 L8 4 L0 8 z" fill="#475569"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...areas.map(boxText),
    ...lines.map(lineText),
    ...others.map(boxText),
    '</svg>',
    '',
  ].join('\n');
}

function boxText({ x, y, width, height, lines, kind }: Box): string {
  const top = kind === 'area' ? y + 18 : y + height / 2 - (lines.length - 1) * 8 + 5;
  const texts = lines.map(
    (line, at) => `<text x="${x + width / 2}" y="${top + at * 16}" ${FONT} fill="#0f172a">${escaped(line)}</text>`,
  );
  const dash = kind === 'area' ? ' stroke-dasharray="5 4"' : '';
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${FILL[kind]}" stroke="${STROKE[kind]}"${dash}/>`,
    ...texts,
  ].join('\n');
}

function lineText({ from: [x1, y1], to: [x2, y2], label, hasArrow }: Line): string {
  const arrow = hasArrow ? ' marker-end="url(#arrow)"' : '';
  const line = `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#475569" stroke-width="2"${arrow}/>`;
  if (label === undefined) return line;
  return `${line}\n<text x="${(x1 + x2) / 2}" y="${(y1 + y2) / 2 - 6}" ${FONT} fill="#475569">${escaped(label)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
