/** What is found wrong with a network, and how far it reaches. */
import type { Diagnostic } from '../errors.ts';
import type { Link } from './topology.ts';

export interface Finding extends Diagnostic {
  /** Of an error: the links that can't be because of it, all others can. Left out: the lab can't be as it is written. */
  readonly links?: readonly Link[];
}

/**
 * An error that refuses these links alone, if any of those `involved` is a container's: what runs shows it, and the next one
 * that starts may. Where all are named namespaces the configuration itself says so, and nothing of it is carried out.
 */
export function refusing(error: Diagnostic, links: readonly Link[], involved: readonly Link[] = links): Finding {
  return involved.some(({ node }) => node.kind === 'container') ? { ...error, links } : error;
}
