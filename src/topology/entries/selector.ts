/** Which node an entry of the configuration is about, and what entries have in common. */
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

/** Keeps one of what many links say alike: a node has many links, and a device of a name is in every node. */
export class Shared {
  readonly #words = new Map<string, string>();
  readonly #selectors = new Map<string, Selector>();

  /** The same text, which was there first. */
  word(text: string): string {
    const first = this.#words.get(text);
    if (first === undefined) this.#words.set(text, text);
    return first ?? text;
  }

  selector(item: LinkConfig): Selector {
    const selector = selectorOf(item);
    const key = `${selector.kind}/${selector.name}`;
    const first = this.#selectors.get(key);
    if (first === undefined) this.#selectors.set(key, selector);
    return first ?? selector;
  }
}
