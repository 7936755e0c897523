/** What can be imported, by the words of `--from`. */
export const FORMATS = ['containerlab', 'kathara', 'node-link', 'graphml', 'compose'] as const;
export type ForeignFormat = (typeof FORMATS)[number];
