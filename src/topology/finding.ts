/** A fault of a network, and the links that it concerns. */
import type { DiagnosticCode } from '../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf } from '../errors.ts';
import type { Link } from './topology.ts';

export interface Finding extends Diagnostic {
  /** Links that an error refuses; the others can be made. Absent: the whole lab is refused as it is written. */
  readonly links?: readonly Link[];
  /** The message for output that already shows this link's name. */
  readonly said?: { readonly link: Link; readonly message: string };
}

/**
 * A fault of a link. `said` is the message without the link's name. The full message is the name followed by `said`,
 * unless `message` gives another.
 */
export function faultOf(
  code: DiagnosticCode,
  link: Link,
  said: string,
  { hint, message = `${link.id} ${said}` }: { readonly hint: string; readonly message?: string },
): Finding {
  return { ...diagnosticOf(code, message, { where: link.spec.where(), hint }), said: { link, message: said } };
}

/**
 * An error that refuses these links only, if a container takes part in the fault (`involved`). Such a fault depends on
 * the containers that run, which change. If all nodes involved are named namespaces, the fault is in the configuration
 * itself, and nothing of it is carried out.
 */
export function refusing(error: Finding, links: readonly Link[], involved: readonly Link[] = links): Finding {
  if (involved.some(({ node }) => node.kind === 'container')) return { ...error, links };
  const { said: _, ...ofAll } = error;
  return ofAll;
}

/** A finding's message as the reason why a link is refused. It omits the link's name, which people see before it. */
export function reasonFor({ id }: Link, { message, said }: Finding): string {
  return said?.link.id === id ? said.message : message;
}
