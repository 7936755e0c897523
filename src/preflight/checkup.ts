/** What `doctor` found out: about the machine, and about a lab where one was named. */

import type { Feature } from '../wire/machine.ts';
import { bytesFor, millisecondsFor } from './costs.ts';
import type { EngineSeen, Facts, MachineFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { descriptorsFor, type Lab, type Made, madeBy } from './lab.ts';
import type { Needs } from './needs.ts';

export interface Checkup {
  readonly machine: MachineFacts;
  /** null: without privilege the kernel can't be asked. */
  readonly missing: readonly Feature[] | null;
  readonly engines: readonly EngineSeen[];
  /** null: none was named. */
  readonly lab: LabCheckup | null;
  readonly findings: readonly Finding[];
  /** Whether something that is no fault of the lab kept doctor from looking at all of it: a privilege, an engine. */
  readonly isBlind: boolean;
}

/** What a lab needs, as far as it is not there yet. */
export interface LabCheckup {
  readonly name: string;
  readonly links: number;
  readonly made: Made;
  readonly memoryBytes: number;
  readonly descriptors: number;
  readonly upMs: number;
  readonly downMs: number;
  readonly features: readonly { readonly feature: Feature; readonly links: readonly string[] }[];
}

export function labCheckup(lab: Lab, needs: Needs, facts: Pick<Facts, 'pairMs' | 'bridgeMs'>): LabCheckup {
  const { network, plan, workers } = lab;
  const made = madeBy(lab);
  const { up, down } = millisecondsFor(made, facts);
  return {
    name: network.lab,
    links: network.links.length,
    made,
    memoryBytes: bytesFor(made),
    descriptors: descriptorsFor(plan.ops, workers),
    upMs: up,
    downMs: down,
    features: [...needs].map(([feature, links]) => ({ feature, links })),
  };
}
