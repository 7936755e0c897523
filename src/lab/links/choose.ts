import { isNamed } from '../../net/ns-id.ts';
import type { LinkStatus, StatusReport } from '../../plan/status/status.ts';
import { linksMeant } from './words.ts';

/**
 * The links that are meant, each once, those of one word in the order of the report. NODE may be a service, which stands for all its
 * replicas, and may have its kind before it (`netns/NAME`, `container/NAME`). `services` has the services of containers by their names.
 * Throws E_USAGE, and E_NODE_MISSING where a word stands for nothing.
 */
export function chooseLinks(
  words: readonly string[],
  { lab, links }: Pick<StatusReport, 'lab' | 'links'>,
  services: ReadonlyMap<string, string>,
): readonly LinkStatus[] {
  const named = links.map((status) => {
    const { link: id, bridge } = status;
    return { id, bridge, names: namesOf(status, services), status };
  });
  return linksMeant(words, lab, named).map(({ status }) => status);
}

function namesOf({ link, dev, ns }: LinkStatus, services: ReadonlyMap<string, string>): readonly string[] {
  const node = link.slice(0, link.length - dev.length - 1);
  const bare = node.replace(/^(netns|container|node)\//, '');
  const service = services.get(bare);
  const kind = isNamed(ns) ? 'netns' : 'container';
  const ofService = service === undefined ? [] : [service, `service/${service}`];
  return [...new Set([node, bare, `${kind}/${bare}`, `node/${bare}`, ...ofService])].map((name) => `${name}:${dev}`);
}
