/** A failure as plain data, since custom errors lose their fields between threads. */
export interface OpFailure {
  /** Index of the op in the job. null: the whole job failed (its namespace could not be entered). */
  readonly op: number | null;
  /** What was attempted: `RTM_NEWLINK`, `RTM_NEWADDR`, `setns`, `mount`, `SIOCETHTOOL`… */
  readonly call: string;
  /** The address, route or device that the call was about, for people. */
  readonly subject: string;
  /** `EEXIST`…; null: no system call reported the failure. */
  readonly errnoName: string | null;
  /** The kernel's message (NLMSGERR_ATTR_MSG), or that of the program that was run. null: there was none. */
  readonly extAck: string | null;
  /** Linkloom's own code for the failure. null: the errno says enough. */
  readonly code: OpFailureCode | null;
  /** What still exists because undoing the op failed too. null: nothing. */
  readonly leftBehind: string | null;
}

/** Codes that a worker itself gives to a failure. */
export type OpFailureCode = 'E_NODE_CHANGED' | 'E_TOOL' | 'E_FEATURE' | 'E_FOREIGN_DEVICE' | 'E_INTERNAL';
