/** A shape as a configuration that `-f` takes: one line per link, so that it can be read, grepped and cut. */
import { shapeEdges } from './edges.ts';
import type { Shape } from './names.ts';
import { linksOf, type ShapeLink, type ShapeSize } from './shape.ts';

export interface PrintOptions {
  readonly format: 'yaml' | 'json';
  /** What the nodes are: the key of each link that names its node. */
  readonly runtime: 'netns' | 'container' | 'service';
  /** For `lab:`; null: none is written. */
  readonly lab: string | null;
}

/** The text in pieces of some size, for writing one after the other. */
export function* shapeText(shape: Shape, size: ShapeSize, options: PrintOptions): Iterable<string> {
  const isJson = options.format === 'json';
  const lab = options.lab;
  if (isJson) yield lab === null ? '{"links":[\n' : `{"lab":${JSON.stringify(lab)},"links":[\n`;
  else yield lab === null ? 'links:\n' : `lab: ${JSON.stringify(lab)}\nlinks:\n`;
  const line = isJson ? jsonLine : yamlLine;
  let q = 0;
  for (const edge of shapeEdges(shape, size)) {
    const lines = linksOf(edge, q).map((link) => line(options.runtime, link));
    yield isJson ? `${q === 0 ? '' : ',\n'}${lines.join(',\n')}` : lines.join('');
    q += 1;
  }
  if (isJson) yield '\n]}\n';
}

function yamlLine(runtime: string, { node, dev, bridge, ip }: ShapeLink): string {
  return `  - {${runtime}: ${node}, dev: ${dev}, bridge: ${bridge}, ip: ${ip}}\n`;
}

function jsonLine(runtime: string, { node, dev, bridge, ip }: ShapeLink): string {
  return JSON.stringify({ [runtime]: node, dev, bridge, ip });
}
