/** The lines that conlink prints about links that are made and removed, whatever the verbosity. */
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import { linksMade, type Plan } from '../plan/plan.ts';
import { outerDevOf, placedParent } from '../topology/links.ts';
import { tunnelDev } from '../topology/names.ts';
import type { Link, Network } from '../topology/topology.ts';

/** In the order in which conlink has them: `ended` are the links of containers that have ended, which went with them. */
export function announcements(network: Network, plan: Plan, ended: readonly Link[]): readonly string[] {
  const gone = new Set(ended.map(({ id }) => id));
  const made = linksMade(plan);
  const tunnels = new Set(plan.ops.flatMap((op) => (op.op === 'tunnel.add' ? [op.dev] : [])));
  return [
    ...ended.map((link) => `Deleting ${descriptionOf(link)}`),
    ...network.links.flatMap((link) => (made.has(link.id) ? [`Creating ${descriptionOf(link)}`] : [])),
    ...network.tunnels.flatMap(({ type, bridge, remote, vni }) => {
      const dev = tunnelDev({ type, vni });
      return tunnels.has(dev) ? [`Creating ${type} link ${dev} (bridge ${bridge}, remote ${remote})`] : [];
    }),
    ...plan.removed.flatMap((link) => (gone.has(link) ? [] : [`Deleting link ${link}`])),
  ];
}

/** `veth link web_1:eth0 (IP 10.0.0.1/24) <-> web_1-eth0 (bridge lan)`; all but the name as far as there is any. */
function descriptionOf(link: Link): string {
  const { id, spec, addresses } = link;
  const other = outerDevOf(link) ?? placedParent(link)?.dev;
  const bridge = bridgeOf(spec);
  const parts = [`${spec.type} link ${id}`];
  if (addresses.length > 0) parts.push(`(IP ${addresses.join(', ')})`);
  if (other !== undefined) parts.push(`<-> ${other}`);
  if (bridge !== null) parts.push(`(bridge ${bridge})`);
  return parts.join(' ');
}
