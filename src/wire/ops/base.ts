/** Fields of every op. */
import type { NsId } from '../../net/ns-id.ts';

export interface OpBase {
  readonly ns: NsId;
  /** The link that the op serves, as `NODE:DEV`, or a tunnel, as `tunnel DEV`. null: neither (bridges, namespaces). */
  readonly link: string | null;
  /** The reason for the op, for people: `missing`, `mtu 1500 → 9000`, `not in the configuration`. */
  readonly cause: string;
}
