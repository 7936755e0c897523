import { isFault } from './text/fault.ts';
import { parseRoute } from './text/route.ts';
import type { LinkSpec } from './topology.ts';

/**
 * Adds the route for replies to forwarded packets. Replies go back to linkloom's own container, through the node's
 * first link with forwards.
 */
export function routeReplies(links: readonly LinkSpec[], address: string): readonly LinkSpec[] {
  const route = parseRoute(`${address}/32`);
  const seen = new Set<string>();
  return links.map((link) => {
    const node = `${link.selector.kind} ${link.selector.name}`;
    if (isFault(route) || link.forwards.length === 0 || seen.has(node)) return link;
    seen.add(node);
    const isThere = link.routes.some(({ dst }) => dst === route.dst);
    return isThere ? link : { ...link, routes: [...link.routes, route] };
  });
}
