/** A failure as data (custom errors lose their fields between threads). */
export interface OpFailure {
  /** Index into the job's ops; -1: the job as a whole (its namespace could not be entered). */
  readonly op: number;
  /** What was attempted: `RTM_NEWLINK`, `RTM_NEWADDR`, `setns`, `mount`, `SIOCETHTOOL`… */
  readonly call: string;
  /** What exactly, for people: the address, route or device. */
  readonly subject: string;
  /** Positive errno, 0 if none. */
  readonly errno: number;
  /** `EEXIST`… */
  readonly errnoName: string;
  /** The kernel's own words (NLMSGERR_ATTR_MSG) or ''. */
  readonly extAck: string;
  /** A failure that linkloom itself names (`E_NODE_CHANGED`…), or ''. */
  readonly code: string;
  /** The undo that followed failed too: what is left behind, or ''. */
  readonly leftBehind: string;
}
