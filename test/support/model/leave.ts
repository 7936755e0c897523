/** Decides what happens to a namespace when a lab is removed from it. */

import { goesWith, leftAlias, tenancyOf } from '../../../src/net/tenants.ts';
import type { NetnsDel } from '../../../src/wire/ops/links.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';

/** Whether the namespace is removed. If it stays, it is marked as in the real kernel. */
export function goes(there: { readonly madeBy: string | null; links: LinkDump[] }, { lab, role }: NetnsDel): boolean {
  const tenancy = tenancyOf(lab, there.madeBy, there.links);
  if (role === 'switch' || goesWith(lab, tenancy)) return true;
  const isLeft = tenancy.othersAreIn && tenancy.maker === lab;
  const marked = (link: LinkDump): LinkDump => ({ ...link, alias: leftAlias(link.alias) });
  if (isLeft) there.links = there.links.map((link) => (link.ifname === 'lo' ? marked(link) : link));
  return false;
}
