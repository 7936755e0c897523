/** The formats of a drawing. */
export const GRAPH_FORMATS = ['dot', 'mermaid', 'json', 'svg', 'html'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];
