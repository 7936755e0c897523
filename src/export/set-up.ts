/** Commands by which a node sets up what a format has no words for, and the right that it needs for them. */
import { type Entry, spanOf } from '../config/config.ts';
import type { Notes } from '../config/import/notes.ts';
import { isContainer } from '../config/nodes/checks.ts';
import type { NodeConfig } from '../config/nodes/schema.ts';

/** Sets an address; it may be there already. An import takes such a command back for the address of the link, or of `lo`. */
export function addressWords(prefix: string, dev: string): readonly string[] {
  return ['ip', 'addr', 'replace', prefix, 'dev', dev];
}

/** Types of routes that no device belongs to (ip-route(8)). */
const WITHOUT_DEVICE = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

/** Sets a route of a link, whose text is what `ip route add` takes. */
export function routeWords(text: string, dev: string): readonly string[] {
  const words = text.trim().split(/\s+/);
  const isWhole = words.includes('dev') || WITHOUT_DEVICE.has(words[0] ?? '');
  return ['ip', ...(text.includes(':') ? ['-6'] : []), 'route', 'replace', ...words, ...(isWhole ? [] : ['dev', dev])];
}

/** The node's capabilities, with NET_ADMIN if it sets itself up. */
export function capabilitiesOf(
  name: string,
  entry: Entry<NodeConfig>,
  setsUp: boolean,
  notes: Notes<'export'>,
): readonly string[] | undefined {
  const { cap_add: own = [], privileged } = entry.value;
  const may = own.some((capability) => /^(?:cap_)?(?:net_admin|all)$/i.test(capability));
  if (!setsUp || !isContainer(entry.value) || privileged || may) return own.length === 0 ? undefined : own;
  const what = `${name} gets the capability NET_ADMIN: it sets its addresses and routes by commands`;
  notes.add('export-stood-in', what, () => spanOf(entry));
  return [...own, 'NET_ADMIN'];
}
