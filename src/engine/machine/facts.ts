/** All facts that preflight needs of a lab: files, and one question to a worker. */
import type { Facts } from '../../preflight/facts.ts';
import type { Questions } from '../../preflight/preflight.ts';
import type { Workers } from '../workers.ts';
import { machineFacts } from './files.ts';

/** Throws E_KERNEL or E_PRIVILEGE where a worker can't ask the kernel. */
export async function factsFor(
  workers: Workers,
  { needs, remotes, firewall }: Questions,
  calibrationPairs = 0,
): Promise<Facts> {
  const asked = workers.ask({ task: 'machine', features: [...needs.keys()], remotes, firewall, calibrationPairs });
  // Read while the worker asks.
  const facts = { ...machineFacts(), namespacesUsed: workers.namedNamespaces().length };
  const { firewall: chains, ...found } = await asked;
  return { ...facts, ...found, firewall: chains };
}
