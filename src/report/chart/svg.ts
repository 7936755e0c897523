/** What the figures share: colours, text, escaping. */

/** Colours that most people with colour blindness can tell apart (Okabe and Ito). */
export const PALETTE = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#d55e00',
  '#cc79a7',
  '#56b4e9',
  '#f0e442',
  '#000000',
] as const;

/** Escapes text for SVG and HTML, also inside attributes. */
export function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A `<text>` element at a position. `attributes` are inserted unescaped. */
export function text(x: number, y: number, value: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeXml(value)}</text>`;
}
