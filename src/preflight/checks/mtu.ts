/** MTUs that contradict each other. */
import { diagnosticOf } from '../../errors.ts';
import { tunnelOverheadBytes } from '../../kinds/tunnel-kinds.ts';
import type { Observed } from '../../plan/observed.ts';
import type { Link, Network } from '../../topology/topology.ts';
import { remotesOf, remoteText } from '../../topology/tunnels.ts';
import type { Domain } from '../domains.ts';
import type { Facts } from '../facts.ts';
import { type Finding, namesOf } from '../finding.ts';

export function checkMtus(
  network: Network,
  observed: Observed,
  domains: readonly Domain[],
  facts: Pick<Facts, 'underlays'>,
): readonly Finding[] {
  return [
    ...domains.flatMap(checkDomain),
    ...checkParents(network, observed),
    ...checkTunnels(network, domains, facts),
  ];
}

function checkDomain({ bridge, links }: Domain): readonly Finding[] {
  const largest = links.reduce((most, { spec }) => Math.max(most, spec.mtuBytes ?? 0), 0);
  const smaller = links.filter(({ spec }) => spec.mtuBytes !== null && spec.mtuBytes < largest);
  const [first] = smaller;
  if (first === undefined) return [];
  const ids = smaller.map(({ id }) => id);
  const larger = links.find(({ spec }) => spec.mtuBytes === largest);
  const message =
    `bridge ${bridge.name}: ${larger?.id} has an MTU of ${largest}, and ${namesOf(ids)} a smaller one (${first.spec.mtuBytes}): ` +
    'larger packets are lost';
  const hint = `give all links of ${bridge.name} the same \`mtu\``;
  return [{ ...diagnosticOf('mtu-mixed', message, { where: first.spec.where(), hint }), links: ids }];
}

function checkParents({ links }: Network, observed: Observed): readonly Finding[] {
  const stacked = links.filter((link) => 'parent' in link && link.spec.mtuBytes !== null);
  if (stacked.length === 0) return [];
  const byPlace = new Map(links.map((link) => [`${link.node.ns} ${link.dev}`, link]));
  return stacked.flatMap((link) => {
    const { parent } = link as Extract<Link, { readonly parent: unknown }>;
    const own = byPlace.get(`${parent.ns} ${parent.dev}`);
    const has = own?.spec.mtuBytes ?? observed.namespaces.get(parent.ns)?.byName.get(parent.dev)?.mtuBytes ?? null;
    const wants = link.spec.mtuBytes ?? 0;
    if (has === null || wants <= has) return [];
    const message = `${link.id} is to have an MTU of ${wants}, and its parent ${parent.dev} has ${has}`;
    const hint = `\`mtu: ${has}\` for ${link.id}, or a larger MTU for ${parent.dev}`;
    return [{ ...diagnosticOf('mtu-above-parent', message, { where: link.spec.where(), hint }), links: [link.id] }];
  });
}

function checkTunnels(
  { tunnels }: Network,
  domains: readonly Domain[],
  { underlays }: Pick<Facts, 'underlays'>,
): readonly Finding[] {
  if (tunnels.length === 0) return [];
  const byName = new Map(domains.map((domain) => [domain.bridge.name, domain]));
  const byRemote = new Map(underlays.map((underlay) => [underlay.remote, underlay]));
  return tunnels.flatMap((tunnel) => {
    const underlay = remotesOf(tunnel)
      .flatMap((remote) => byRemote.get(remote) ?? [])
      .toSorted((a, b) => a.mtuBytes - b.mtuBytes)[0];
    const links = byName.get(tunnel.bridge)?.links ?? [];
    const room = (underlay?.mtuBytes ?? Number.POSITIVE_INFINITY) - tunnelOverheadBytes(tunnel);
    const large = links.filter(({ spec }) => (spec.mtuBytes ?? 0) > room);
    const [first] = large;
    if (first === undefined) return [];
    const ids = large.map(({ id }) => id);
    const message =
      `packets of ${namesOf(ids)} (MTU ${first.spec.mtuBytes}) do not fit the ${tunnel.type} tunnel to ${remoteText(tunnel)}: ` +
      `${underlay?.dev} takes ${underlay?.mtuBytes}, of which ${tunnelOverheadBytes(tunnel)} are headers`;
    const hint = `\`mtu: ${room}\` for the links of bridge ${tunnel.bridge}`;
    return [{ ...diagnosticOf('mtu-above-underlay', message, { where: tunnel.where(), hint }), links: ids }];
  });
}
