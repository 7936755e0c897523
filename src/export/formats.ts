/** What can be written, by the words of `--to`. */
export const EXPORT_FORMATS = ['compose', 'containerlab', 'node-link'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
