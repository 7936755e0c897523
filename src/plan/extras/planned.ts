import type { Link } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';

/** What was planned for the link itself. */
export interface Planned {
  readonly link: Link;
  /** The link's node end, which stays. null: this run makes the node end. */
  readonly device: LinkDump | null;
  /** Records a further difference of a link that stays. */
  readonly differs: (cause: string) => void;
}
