/** What becomes of a namespace that a lab takes leave of. */

import { goesWith, leftAlias, tenancyOf } from '../../../src/net/tenants.ts';
import type { NetnsDel } from '../../../src/wire/ops/links.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';

/** Whether it goes; where it stays it is marked as the kernel's would be. */
export function goes(there: { readonly madeBy: string | null; links: LinkDump[] }, { lab, role }: NetnsDel): boolean {
  const tenancy = tenancyOf(lab, there.madeBy, there.links);
  if (role === 'switch' || goesWith(lab, tenancy)) return true;
  const isLeft = tenancy.othersAreIn && tenancy.maker === lab;
  const marked = (link: LinkDump): LinkDump => ({ ...link, alias: leftAlias(link.alias) });
  if (isLeft) there.links = there.links.map((link) => (link.ifname === 'lo' ? marked(link) : link));
  return false;
}
