/** The languages in which a drawing can be had. */
export const GRAPH_FORMATS = ['dot', 'mermaid', 'json', 'svg', 'html'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];
