/** A failure as data (custom errors lose their fields between threads). */
export interface OpFailure {
  /** Index into the job's ops; null: the job as a whole (its namespace could not be entered). */
  readonly op: number | null;
  /** What was attempted: `RTM_NEWLINK`, `RTM_NEWADDR`, `setns`, `mount`, `SIOCETHTOOL`… */
  readonly call: string;
  /** What exactly, for people: the address, route or device. */
  readonly subject: string;
  /** `EEXIST`…; null: no system call said why. */
  readonly errnoName: string | null;
  /** The kernel's own words (NLMSGERR_ATTR_MSG), or those of the program that was asked; null: it said nothing. */
  readonly extAck: string | null;
  /** What linkloom itself calls it; null: the errno says all. */
  readonly code: OpFailureCode | null;
  /** What is left behind, as the undo that followed failed too; null: nothing. */
  readonly leftBehind: string | null;
}

/** Failures that a worker calls by their name. */
export type OpFailureCode = 'E_NODE_CHANGED' | 'E_TOOL' | 'E_FEATURE' | 'E_FOREIGN_DEVICE' | 'E_INTERNAL';
