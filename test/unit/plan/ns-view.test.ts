/** The look-ups in a namespace's dump, and what they keep. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ThereDump, viewOf } from '../../../src/plan/ns-view.ts';
import type { AddressDump, LinkDump } from '../../../src/wire/seen.ts';

function dumpOf(count: number): ThereDump {
  const indexes = Array.from({ length: count }, (_, at) => at + 1);
  return {
    ...{ ns: 'netns/a', inode: 1, madeBy: null, failure: null, routes: [], translations: [] },
    links: indexes.map((ifindex) => ({ ifindex, ifname: `e${ifindex}` }) as LinkDump),
    addresses: indexes.flatMap((ifindex) =>
      ['10.0.0.1/8', 'fe80::1/64'].map((address): AddressDump => ({ ifindex, address, protocol: 0, scope: 'global' })),
    ),
  };
}

for (const count of [0, 11, 500]) {
  test(`of ${count} devices each is found by its name and its index, with its addresses`, () => {
    const dump = dumpOf(count);
    const view = viewOf(dump);
    for (const link of dump.links) {
      assert.equal(view.byName.get(link.ifname), link);
      assert.equal(view.byIndex.get(link.ifindex), link);
      assert.deepEqual(
        view.addressesOf(link.ifindex).map(({ ifindex }) => ifindex),
        [link.ifindex, link.ifindex],
      );
    }
    assert.deepEqual(
      [...view.byIndex],
      dump.links.map((link) => [link.ifindex, link]),
    );
    assert.deepEqual(
      [...view.byName.keys()],
      dump.links.map(({ ifname }) => ifname),
    );
    assert.ok(!view.byName.has('e0') && view.byIndex.get(count + 1) === undefined);
    assert.deepEqual([...view.addressesOf(0), ...view.routesOf(1), ...view.translations], []);
  });
}

/** The tables that are made while `work` runs. */
function tablesMade(work: () => void): number {
  const Plain = globalThis.Map;
  let made = 0;
  globalThis.Map = class<K, V> extends Plain<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      made += 1;
    }
  } as MapConstructor;
  try {
    work();
  } finally {
    globalThis.Map = Plain;
  }
  return made;
}

test('a namespace of few devices has no table of them, one of many has each once', () => {
  const ask = (count: number): void => {
    const view = viewOf(dumpOf(count));
    for (let times = 0; times < 3; times++) {
      view.byName.get('e1');
      view.byIndex.get(1);
      view.addressesOf(1);
      view.routesOf(1);
      assert.equal(view.translations.size, 0);
    }
  };
  assert.equal(
    tablesMade(() => ask(11)),
    0,
  );
  assert.equal(
    tablesMade(() => ask(500)),
    3,
  );
});
