import type { Link } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';

/** What was planned for a link itself. */
export interface Planned {
  readonly link: Link;
  /** Its node end as it will be kept; null: it is made in this run. */
  readonly device: LinkDump | null;
  /** Note that something else differs of a link that stays. */
  readonly differs: (cause: string) => void;
}
