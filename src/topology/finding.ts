/** What is found wrong with a network, and how far it reaches. */
import type { DiagnosticCode } from '../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf } from '../errors.ts';
import type { Link } from './topology.ts';

export interface Finding extends Diagnostic {
  /** Of an error: the links that can't be because of it, all others can. Left out: the lab can't be as it is written. */
  readonly links?: readonly Link[];
  /** The message for a reader who has this link's name before it. */
  readonly said?: { readonly link: Link; readonly message: string };
}

/** A fault of a link: `said` is the message without the link's name, with which it begins unless `message` is another sentence. */
export function faultOf(
  code: DiagnosticCode,
  link: Link,
  said: string,
  { hint, message = `${link.id} ${said}` }: { readonly hint: string; readonly message?: string },
): Finding {
  return { ...diagnosticOf(code, message, { where: link.spec.where(), hint }), said: { link, message: said } };
}

/**
 * An error that refuses these links alone, if any of those `involved` is a container's: what runs shows it, and the next one
 * that starts may. Where all are named namespaces the configuration itself says so, and nothing of it is carried out.
 */
export function refusing(error: Finding, links: readonly Link[], involved: readonly Link[] = links): Finding {
  if (involved.some(({ node }) => node.kind === 'container')) return { ...error, links };
  const { said: _, ...ofAll } = error;
  return ofAll;
}

/** The message of a finding as the reason why a link is refused: people see the link's name before it. */
export function reasonFor({ id }: Link, { message, said }: Finding): string {
  return said?.link.id === id ? said.message : message;
}
