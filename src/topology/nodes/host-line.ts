/** A line of hosts(5). */
export interface HostLine {
  /** The address without a prefix length. */
  readonly address: string;
  readonly names: readonly string[];
}
