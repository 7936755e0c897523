/** An end of a wire: the port of a link, or a tunnel. */
export interface WireEnd {
  /** `NODE:DEV`, or a tunnel's name. */
  readonly id: string;
  /** The device in the switch namespace. */
  readonly dev: string;
}
