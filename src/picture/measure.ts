/** How much room a text takes. The figures are those of a monospaced font of 12 pixels, in files and on the page alike. */

import type { Size } from './layout/shape.ts';
import type { Picture, PictureNode } from './picture.ts';

export const FONT_SIZE = 12;
/** A digit of a monospaced font is 0.6 of its size wide. */
const CHARACTER = 0.602;
const PADDING = 9;
const LINE_HEIGHT = 15;

/** Up to so many boxes and edges a picture shows addresses and notes; more would not be read. */
const DETAILED = { nodes: 40, edges: 80 };

/** Ideographs and their kin take the room of two characters (Unicode, East Asian Width). */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{3fffd}]/gu;

export function textWidth(text: string, fontSize = FONT_SIZE): number {
  const wide = text.match(WIDE)?.length ?? 0;
  return ([...text].length + wide) * fontSize * CHARACTER;
}

export function isDetailed({ nodes, edges }: Picture): boolean {
  return nodes.length <= DETAILED.nodes && edges.length <= DETAILED.edges;
}

/** The lines in a box: its name, and in a detailed picture its notes. */
export function linesOf(node: PictureNode, detailed: boolean): readonly string[] {
  return detailed ? [node.name, ...node.notes] : [node.name];
}

/** The size of a node's box. */
export function boxSize(node: PictureNode, detailed: boolean): Size {
  const lines = linesOf(node, detailed);
  const widest = Math.max(...lines.map((line) => textWidth(line)));
  return { width: Math.ceil(widest) + 2 * PADDING, height: lines.length * LINE_HEIGHT + PADDING };
}

/** The room that a node takes in a layout: in a detailed picture the labels at its edges have a share in it. */
export function roomOf(picture: Picture): (node: PictureNode) => Size {
  const detailed = isDetailed(picture);
  const widest = new Map<string, number>();
  if (detailed) {
    for (const end of picture.edges.flatMap(({ from, to }) => [from, to])) {
      const width = Math.max(...endLines(end).map((line) => textWidth(line, FONT_SIZE - 1)), 0) + 8;
      widest.set(end.node, Math.max(widest.get(end.node) ?? 0, width));
    }
  }
  return (node) => {
    const { width, height } = boxSize(node, detailed);
    return { width: Math.max(width, widest.get(node.id) ?? 0), height: height + (detailed ? 24 : 0) };
  };
}

/** The lines at an end of an edge: the device's name, then its addresses. */
export function endLines({
  label,
  notes,
}: {
  readonly label: string;
  readonly notes: readonly string[];
}): readonly string[] {
  return label === '' ? notes : [label, ...notes];
}
