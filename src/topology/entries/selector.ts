/** Which node an entry of the configuration is about. */
import type { CommandConfig, LinkConfig } from '../../config/schema.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import type { Selector } from '../topology.ts';

export function selectorOf(item: LinkConfig | CommandConfig): Selector {
  if (item.service !== undefined) return { kind: 'service', name: item.service };
  if (item.container !== undefined) return { kind: 'container', name: item.container };
  if (item.node !== undefined) return { kind: 'node', name: item.node };
  if (item.host) return { kind: 'host', name: HOST_NAME };
  return { kind: 'netns', name: item.netns ?? '' };
}
