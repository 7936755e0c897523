/** Links by `NODE:DEV`, by globs of it, and by `bridge/NAME`. */
import { nearest } from '../../config/text/nearest.ts';
import { LinkloomError } from '../../errors.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { Network } from '../../topology/topology.ts';
import { globPattern } from '../with-nodes/choose.ts';

const BRIDGE = 'bridge/';

/** Answers whether a link is meant, by its `NODE:DEV` and its bridge. No names mean all. Throws E_NODE_MISSING where a name stands for nothing. */
export function chooseLinks(
  network: Network,
  names: readonly string[],
): (id: string, bridge: string | null) => boolean {
  if (names.length === 0) return () => true;
  const tests = names.map(testOf);
  const known = [
    ...network.links.map(({ id, spec }) => [id, bridgeOf(spec)] as const),
    ...network.pending.flatMap(({ selector, links }) =>
      links.map((spec) => [`${selector.name}:${spec.dev}`, bridgeOf(spec)] as const),
    ),
  ];
  for (const [at, test] of tests.entries()) {
    if (known.some(([id, bridge]) => test(id, bridge))) continue;
    const name = names[at] ?? '';
    const near = nearest(
      name,
      known.map(([id]) => id),
    );
    const hint = near === undefined ? 'a link is called NODE:DEV' : `did you mean ${near}?`;
    throw new LinkloomError('E_NODE_MISSING', `no link of lab ${network.lab} is called ${name}`, { where: name, hint });
  }
  return (id, bridge) => tests.some((test) => test(id, bridge));
}

function testOf(name: string): (id: string, bridge: string | null) => boolean {
  if (!name.startsWith(BRIDGE)) {
    const pattern = globPattern(name);
    return (id) => pattern.test(id);
  }
  const pattern = globPattern(name.slice(BRIDGE.length));
  return (_id, bridge) => bridge !== null && pattern.test(bridge);
}
