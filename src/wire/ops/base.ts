/** What all ops have. */
import type { NsId } from '../../net/ns-id.ts';

export interface OpBase {
  readonly ns: NsId;
  /** `NODE:DEV` of the link this serves, `tunnel DEV` of a tunnel, or null (bridges, namespaces). */
  readonly link: string | null;
  /** Why, for people: `missing`, `mtu 1500 → 9000`, `not in the configuration`. */
  readonly cause: string;
}
