/** What an edit of the configuration changes, in numbers. */
import type { Change } from '../../notices.ts';
import type { Topology } from '../../topology/topology.ts';

/** A change for each kind of thing that differs; empty: nothing differs. */
export function changesBetween(before: Topology, now: Topology): readonly Change[] {
  return [
    ...partsOf(
      'link',
      keyed(before.links, (link) => `${link.selector.kind}/${link.selector.name}:${link.dev}`),
      keyed(now.links, (link) => `${link.selector.kind}/${link.selector.name}:${link.dev}`),
    ),
    ...partsOf(
      'bridge',
      keyed(before.bridges, ({ name }) => name),
      keyed(now.bridges, ({ name }) => name),
    ),
    ...partsOf(
      'tunnel',
      keyed(before.tunnels, ({ type, vni }) => `${type}-${vni}`),
      keyed(now.tunnels, ({ type, vni }) => `${type}-${vni}`),
    ),
    ...partsOf('node', nodesOf(before), nodesOf(now)),
    ...partsOf('command', keyed(before.commands, textOf), keyed(now.commands, textOf)),
  ];
}

/** Entries of `nodes:`, each with the pools that say which addresses of its `lo` are linkloom's. */
function nodesOf({ nodes = [], loopbackPools = [] }: Topology): ReadonlyMap<string, string> {
  return new Map(nodes.map((node) => [node.name, `${textOf(node)}${textOf(loopbackPools)}`]));
}

/** The text of each thing, by its key. If several things have one key, their texts are joined. */
function keyed<T>(things: readonly T[], keyOf: (thing: T) => string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const thing of things) {
    const key = keyOf(thing);
    texts.set(key, `${texts.get(key) ?? ''}${textOf(thing)}`);
  }
  return texts;
}

/** The thing as text. Its position in the file is a function, so it is left out. */
function textOf(thing: unknown): string {
  return JSON.stringify(thing);
}

function partsOf(
  what: Change['what'],
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly Change[] {
  const more = [...now.keys()].filter((key) => !before.has(key)).length;
  const fewer = [...before.keys()].filter((key) => !now.has(key)).length;
  const changed = [...now].filter(([key, text]) => before.has(key) && before.get(key) !== text).length;
  return more + fewer + changed === 0 ? [] : [{ what, more, fewer, changed }];
}
