/** Facts of a machine on which every lab fits, and labs to hold against them. */
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { place, type SwitchSide } from '../../../src/plan/switch/placement.ts';
import type { Facts } from '../../../src/preflight/facts.ts';
import type { Finding } from '../../../src/preflight/finding.ts';
import type { Lab } from '../../../src/preflight/lab.ts';
import { preflight, questionsOf } from '../../../src/preflight/preflight.ts';
import type { Network } from '../../../src/topology/topology.ts';

export const ROOMY: Facts = {
  kernel: '6.1.0-18-amd64',
  isKernelOld: false,
  missingCapabilities: [],
  memoryBytes: 64 * 2 ** 30,
  descriptors: 1_048_576,
  descriptorsOpen: 20,
  namespaces: 100_000,
  pids: 4_194_304,
  pidsUsed: 300,
  groupPids: null,
  backlog: 10_000,
  neighbours: { 4: 1_000_000, 6: 1_000_000 },
  connections: 1_000_000,
  bridgeNf: [],
  consoleLevel: 4,
  missing: [],
  firewall: [],
  underlays: [],
  pairMs: null,
  bridgeMs: null,
  namespacesUsed: 0,
};

/** A network as it is planned on an empty kernel. */
export function labOfNetwork(network: Network, more: Partial<Lab> = {}): Lab {
  const observed = observedOf(network.lab, [], [], true);
  const side: SwitchSide = more.side ?? 'netns';
  const placement = place(network.lab, side, network.bridges, network.links, observed);
  const plan = diff(network, observed, placement, { prune: true });
  return { network, plan, observed, side, definitions: [], workers: 1, ...more };
}

/** What preflight finds of a network, where some facts are others than those of `ROOMY`. */
export function findingsOf(network: Network, facts: Partial<Facts>, more: Partial<Lab> = {}): readonly Finding[] {
  const lab = labOfNetwork(network, more);
  return preflight(lab, questionsOf(lab).needs, { ...ROOMY, ...facts });
}
