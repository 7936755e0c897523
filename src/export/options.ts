/** What an exporter is told besides the lab. */

export interface ExportOptions {
  /** The folder that the file is written for, absolute: paths of the file are relative to it. */
  readonly folder: string;
  /** The image of the container that stands for the network namespace of a node. */
  readonly standIn: (node: string) => string;
}
