/** What the agent of a host knows of its work on a lab over several hosts, for those who look at it there. */
export interface HostsFigures {
  readonly host: string;
  /** Names of the bridges (wires are some) that lead to other hosts. */
  readonly crossing: ReadonlySet<string>;
  /** Of these other hosts, sorted. */
  readonly peers: readonly string[];
  /** Revisions of the lab's record: the newest that was seen, and the one that is carried out. 0: none. */
  readonly seen: number;
  readonly made: number;
  /** From the arrival of the record that is carried out to its end. null: none is. */
  readonly convergeMs: number | null;
  /** Since the agent's start, for all labs: how often the store was asked, and how often again since it had not answered. */
  readonly storeCalls: number;
  readonly storeRetries: number;
}
