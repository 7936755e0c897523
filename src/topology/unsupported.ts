/** What the language says and the engine can't do yet: named, so that nothing is left out silently. */
import type { Diagnostic, Span } from '../errors.ts';
import type { BridgeSpec, LinkSpec, Topology } from './topology.ts';

/** An error for each use of a feature that can't be applied yet. Asked before anything is made; `validate` and `config` don't ask. */
export function unsupportedFeatures(topology: Topology): readonly Diagnostic[] {
  return [
    ...topology.bridges.flatMap((bridge) => named(`bridge ${bridge.name}`, ofBridge(bridge), bridge.where)),
    ...topology.links.flatMap((link) => named(`${link.selector.name}:${link.dev}`, ofLink(link), link.where)),
    ...topology.tunnels.flatMap((tunnel, index) =>
      named(`tunnels[${index}]`, tunnel.netem === null ? [] : ['netem is'], tunnel.where),
    ),
  ];
}

function named(label: string, features: readonly string[], where: () => Span | undefined): readonly Diagnostic[] {
  if (features.length === 0) return [];
  const span = where();
  return features.map((feature) => ({
    severity: 'error',
    message: `${label}: ${feature} not supported yet`,
    ...(span === undefined ? {} : { where: span }),
  }));
}

function ofBridge(bridge: BridgeSpec): readonly string[] {
  switch (bridge.mode) {
    case 'linux':
    case 'direct':
    case 'ovs':
      return [];
    case 'patch':
      return [`mode ${bridge.mode} is`];
    default:
      return bridge.mode satisfies never;
  }
}

function ofLink(link: LinkSpec): readonly string[] {
  const features: string[] = [];
  if (link.netem !== null) features.push(`${link.netemText.length > 0 ? 'netem' : 'impair'} is`);
  return features;
}
