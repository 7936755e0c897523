/** What `to:` of a check stands for. No I/O. */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { isLinkLocal, parseAddress } from '../../net/address.ts';

/** `node`: the name of a node or a pattern of names; `dev` null: its loopback, or where it has none an address of its links. */
export type CheckTarget =
  | { readonly kind: 'address'; readonly address: string; readonly family: 4 | 6 }
  | { readonly kind: 'node'; readonly node: string; readonly dev: string | null };

export interface TargetFault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
}

/** What only an address can be meant by. */
const LIKE_IPV4 = /^[0-9.]+(?:\/[0-9]*)?$/;
/** Names of nodes and of devices have no colon. */
const LIKE_IPV6 = /:.*:/;

export function readTarget(text: string): CheckTarget | TargetFault {
  const address = parseAddress(text);
  if (typeof address !== 'string') {
    if (!isLinkLocal(address.text)) return { kind: 'address', address: address.text, family: address.family };
    const message = `${text} is an address of one link, and no device is named`;
    return { code: 'address-invalid', message, hint: 'name NODE:DEV, whose other addresses are tried' };
  }
  if (LIKE_IPV4.test(text) || LIKE_IPV6.test(text)) {
    const slash = text.indexOf('/');
    const bare = slash < 0 ? text : text.slice(0, slash);
    if (slash >= 0 && typeof parseAddress(bare) !== 'string') {
      return { code: 'address-invalid', message: `${text} has a prefix length`, hint: `write ${bare}` };
    }
    return { code: 'address-invalid', message: `${text} ${address}`, hint: 'write an address, or the name of a node' };
  }
  const [, node = '', dev] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (node !== '' && dev !== '') return { kind: 'node', node, dev: dev ?? null };
  return { code: 'check-value', message: `${text} is neither`, hint: 'write NODE, NODE:DEV or an address' };
}
