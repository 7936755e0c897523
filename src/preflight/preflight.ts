/** Lab × facts → findings: all checks, in the order in which they are told. */
import { remotesOf } from '../topology/tunnels.ts';
import { checkMemory, checkPairs, checkTime } from './checks/cost.ts';
import { checkFeatures, checkKernel } from './checks/kernel.ts';
import { checkDescriptors, checkNamespaces, checkPids } from './checks/limits.ts';
import { checkMtus } from './checks/mtu.ts';
import { checkBacklog, checkConnections, checkConsole, checkFirewall, checkNeighbours } from './checks/packets.ts';
import { bridgesOfTwo, domainsOf } from './domains.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { descriptorsFor, type Lab, madeBy } from './lab.ts';
import { type Needs, needsOf } from './needs.ts';

/** What is to be asked of the kernel for a lab, before there are facts. */
export interface Questions {
  readonly needs: Needs;
  /** Of tunnels that are made. */
  readonly remotes: readonly string[];
  /** Whether the firewall of linkloom's own namespace matters. */
  readonly firewall: boolean;
}

export function questionsOf({ network, plan, side }: Pick<Lab, 'network' | 'plan' | 'side'>): Questions {
  const makesTunnels = plan.ops.some(({ op }) => op === 'tunnel.add');
  return {
    needs: needsOf(network, plan.ops),
    remotes: makesTunnels ? [...new Set(network.tunnels.flatMap(remotesOf))] : [],
    firewall: side === 'own' && network.bridges.length > 0,
  };
}

/** Linear in the lab's links. Each kind of finding is there once per thing that it is about. */
export function preflight(lab: Lab, needs: Needs, facts: Facts): readonly Finding[] {
  const { network, plan, observed, definitions, workers } = lab;
  const made = madeBy(lab);
  const domains = domainsOf(network);
  return [
    ...checkKernel(facts),
    ...checkFeatures(needs, facts),
    ...checkDescriptors(descriptorsFor(plan.ops, workers), facts),
    ...checkNamespaces(made, facts),
    ...checkPids(definitions, facts),
    ...checkMemory(made, facts),
    ...checkBacklog(domains, facts),
    ...checkNeighbours(domains, facts),
    ...checkConnections(domains, facts),
    ...checkFirewall(domains, facts),
    ...checkConsole(made, facts),
    ...checkMtus(network, observed, domains, facts),
    ...checkTime(made, facts),
    ...checkPairs(made, bridgesOfTwo(domains, plan.ops, network), facts),
  ];
}
