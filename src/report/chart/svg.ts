/** What the figures share: colours, words, escaping. */

/** Told apart also by most who see colours differently (Okabe and Ito). */
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

/** Text for SVG and HTML, also inside attributes. */
export function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A `<text>` at a place; `attributes` go into it as they are. */
export function text(x: number, y: number, value: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeXml(value)}</text>`;
}
