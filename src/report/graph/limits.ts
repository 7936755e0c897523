/** What the usual renderers of a drawing take, and what is beyond it. */
import type { Graph } from '../../picture/graph.ts';
import { commandLine } from '../../verb-names.ts';
import type { GraphFormat } from './formats.ts';

/** Mermaid's defaults of maxEdges and maxTextSize (mermaid.js.org/config/schema-docs/config). Pages such as GitHub's don't change them. */
const MERMAID = { edges: 500, characters: 50_000 };
/** GraphViz' `dot` takes half a minute for so many edges between clusters, and much longer for more. */
const DOT = { edges: 700 };

/** Whole sentences; none where the drawing can be shown. */
export function limitsOf({ edges }: Graph, format: GraphFormat, text: string): readonly string[] {
  const instead = `${commandLine('graph', 'html')} has no such limit, and --group draws many nodes as one`;
  if (format === 'mermaid') {
    const beyond = [
      ...(edges.length > MERMAID.edges ? [`${edges.length} edges, of which it takes ${MERMAID.edges}`] : []),
      ...(text.length > MERMAID.characters
        ? [`${text.length} characters, of which it takes ${MERMAID.characters}`]
        : []),
    ];
    return beyond.length === 0 ? [] : [`Mermaid does not show a chart of this size (${beyond.join('; ')}); ${instead}`];
  }
  if (format === 'dot' && edges.length > DOT.edges) {
    return [`GraphViz' dot takes minutes or more for ${edges.length} edges, sfdp less; ${instead}`];
  }
  return [];
}
