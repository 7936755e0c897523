/** The labels along the lines of a picture: at each end its device and addresses, in the middle what the edge is and what impairs it. */
import type { Wish } from './labels.ts';
import type { Point } from './layout/shape.ts';
import { along, type Line, lengthOf } from './lines.ts';
import { endLines, FONT_SIZE, textWidth } from './measure.ts';
import type { PictureEdge } from './picture.ts';

export const LABEL_FONT = FONT_SIZE - 1;
const LABEL_LINE = 13;

export interface Annotation {
  readonly lines: readonly string[];
  /** `impair`: what is wrong with it on purpose. */
  readonly role: 'end' | 'middle' | 'impair';
}

/** The wishes for one edge. Addresses are written where `detailed`, else only impairments. */
export function annotationsOf(edge: PictureEdge, line: Line, detailed: boolean): readonly Wish<Annotation>[] {
  const length = lengthOf(line);
  const wishes: Wish<Annotation>[] = [];
  const impairs = [...new Set([edge.from.impair, edge.to.impair].filter((text) => text !== ''))];
  const middle = detailed && isTold(edge.label) ? [edge.label] : edge.count > 1 ? [`×${edge.count}`] : [];
  if (impairs.length > 0)
    wishes.push(
      wish(
        impairs,
        'impair',
        [0.5, 0.42, 0.58, 0.35, 0.65].map((share) => along(line, length * share)),
      ),
    );
  if (middle.length > 0)
    wishes.push(
      wish(
        middle,
        'middle',
        [0.5, 0.4, 0.6, 0.3, 0.7].map((share) => along(line, length * share)),
      ),
    );
  if (detailed) {
    for (const [end, sign] of [[edge.from, 1] as const, [edge.to, -1] as const]) {
      const lines = endLines({ ...end, notes: end.notes.filter((note) => !note.startsWith('netem ')) });
      if (lines.length > 0) wishes.push(wish(lines, 'end', endPlaces(line, length, sign, lines)));
    }
  }
  return wishes;
}

/** Names that linkloom made for wires say nothing. */
function isTold(label: string): boolean {
  return label !== '' && !/^(wire|w|link|l|b)[-_]?\d+(-\d+)?$/.test(label);
}

function wish(lines: readonly string[], role: Annotation['role'], places: readonly Point[]): Wish<Annotation> {
  const width = Math.max(...lines.map((text) => textWidth(text, LABEL_FONT))) + 4;
  return { of: { lines, role }, places, width, height: lines.length * LABEL_LINE + 2 };
}

function endPlaces(line: Line, length: number, sign: 1 | -1, lines: readonly string[]): readonly Point[] {
  const half = (lines.length * LABEL_LINE) / 2;
  const width = Math.max(...lines.map((text) => textWidth(text, LABEL_FONT))) / 2;
  return [half + 6, width + 8, half + 24, width + 24, half + 44, width + 50]
    .filter((distance) => distance < length * 0.6)
    .flatMap((distance) => {
      const at = along(line, sign * distance);
      return [at, { x: at.x + width + 4, y: at.y }, { x: at.x - width - 4, y: at.y }];
    });
}
