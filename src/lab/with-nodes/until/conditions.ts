/** Parses the conditions of `wait` from its options. No I/O. */
import { LinkloomError } from '../../../errors.ts';
import { parseAddress } from '../../../net/address.ts';
import type { Protocol } from './kernel.ts';

/** `node`: the only node that has to meet the condition; null: every chosen node has to. */
interface OfNode {
  readonly node: string | null;
}

export type NodeCondition =
  | (OfNode & { readonly kind: 'address'; readonly address: string })
  | (OfNode & { readonly kind: 'port'; readonly port: number; readonly protocol: Protocol })
  | (OfNode & { readonly kind: 'path'; readonly path: string })
  | (OfNode & { readonly kind: 'healthy' });

export interface Words {
  readonly address: readonly string[];
  readonly port: readonly string[];
  readonly path: readonly string[];
  readonly healthy: boolean;
}

/** Throws E_USAGE. */
export function conditionsOf({ address, port, path, healthy }: Words): readonly NodeCondition[] {
  return [
    ...address.map(addressOf),
    ...port.map(portOf),
    ...path.map(pathOf),
    ...(healthy ? [{ kind: 'healthy' as const, node: null }] : []),
  ];
}

function addressOf(word: string): NodeCondition {
  const at = word.lastIndexOf('=');
  const parsed = parseAddress(word.slice(at + 1).replace(/\/\d+$/, ''));
  if (typeof parsed === 'string') throw wrong('--address', word, 'write 10.0.0.1, fd00::1 or NODE=10.0.0.1');
  return { kind: 'address', node: nodeBefore(word, at), address: parsed.text };
}

function portOf(word: string): NodeCondition {
  const [, before, digits = '', protocol = 'tcp'] = /^(?:(.+):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(word) ?? [];
  const port = Number(digits);
  if (digits === '' || port < 1 || port > 65_535) throw wrong('--port', word, 'write 80, 53/udp or NODE:80');
  return { kind: 'port', node: before ?? null, port, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}

function pathOf(word: string): NodeCondition {
  const [, before, path] = /^(?:([^/]+(?:\/[^/:]+)?):)?(\/.*)$/s.exec(word) ?? [];
  if (path === undefined) throw wrong('--path', word, 'write an absolute path, or NODE:/PATH');
  return { kind: 'path', node: before ?? null, path };
}

function nodeBefore(word: string, at: number): string | null {
  return at < 0 ? null : word.slice(0, at);
}

function wrong(option: string, word: string, hint: string): LinkloomError {
  return new LinkloomError('E_USAGE', `${option} '${word}' can't be read`, { hint });
}

/** The words by which messages say that a condition is not met yet. */
export function missingText(condition: NodeCondition): string {
  switch (condition.kind) {
    case 'address':
      return `has no address ${condition.address}`;
    case 'port':
      return `nothing listens on ${condition.port}/${condition.protocol}`;
    case 'path':
      return `there is no ${condition.path}`;
    case 'healthy':
      return 'is not healthy';
  }
}
