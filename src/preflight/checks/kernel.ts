/**
 * `checks/` has a file per part of the machine: each function takes what it needs of the lab and of the facts, and returns findings.
 *
 * This file: what the kernel is, and what it has.
 */
import { diagnosticOf } from '../../errors.ts';
import type { Facts, MachineFacts } from '../facts.ts';
import { cureFor, FEATURE_SOURCES } from '../features.ts';
import { type Finding, namesOf } from '../finding.ts';
import type { Needs } from '../needs.ts';

export function checkKernel({ kernel, isKernelOld }: MachineFacts): readonly Finding[] {
  if (!isKernelOld) return [];
  const message = `this kernel is Linux ${kernel}, and 5.10 is the oldest that will do`;
  return [{ ...diagnosticOf('kernel-old', message, { hint: 'boot a newer kernel' }), links: [] }];
}

export function checkFeatures(
  needs: Needs,
  { missing, kernel }: Pick<Facts, 'missing' | 'kernel'>,
): readonly Finding[] {
  return missing.flatMap((feature) => {
    const links = needs.get(feature) ?? [];
    if (links.length === 0) return [];
    const { module, use } = FEATURE_SOURCES[feature];
    const message = `this kernel has no ${feature} (module ${module}, for ${use}), which ${namesOf(links)} ${links.length === 1 ? 'needs' : 'need'}`;
    return [{ ...diagnosticOf('feature-missing', message, { hint: cureFor(feature, kernel) }), links }];
  });
}

/** What a process without each of these can't do. */
const USES: Readonly<Record<string, string>> = {
  CAP_NET_BROADCAST: 'a daemon hears no changes in other namespaces, and finds them by its periodic check alone',
  CAP_SYS_PTRACE: 'namespaces of processes of other users can not be looked into, containers among them',
};

/** Those without which no link can be made. */
export const NEEDED_CAPABILITIES: readonly string[] = ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN'];

export function checkCapabilities({ missingCapabilities }: MachineFacts): readonly Finding[] {
  const needed = missingCapabilities.filter((name) => NEEDED_CAPABILITIES.includes(name));
  const found: Finding[] = [];
  if (needed.length > 0) {
    const words = needed.map((name) => name.replace('CAP_', '')).join(', ');
    const hint = `run as root (\`sudo linkloom …\`), or in a container with \`cap_add: [${words}]\``;
    const message = `${needed.join(' and ')} missing: links can not be made`;
    found.push({ ...diagnosticOf('capability-missing', message, { hint }), links: [] });
  }
  for (const name of missingCapabilities) {
    const use = USES[name];
    if (use === undefined) continue;
    const hint = `run as root, or in a container with \`cap_add: [${name.replace('CAP_', '')}]\``;
    found.push({ ...diagnosticOf('capability-useful', `${name} missing: ${use}`, { hint }), links: [] });
  }
  return found;
}
