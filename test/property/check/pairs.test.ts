/** Every pair once: each node to each other, to each address that both can have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CheckNode } from '../../../src/check/node.ts';
import { pairsOf } from '../../../src/check/pairs.ts';

interface Shape {
  readonly loopbacks4: number;
  readonly loopbacks6: number;
  readonly links4: number;
  readonly links6: number;
}

const few = fc.integer({ min: 0, max: 2 });
const shape: fc.Arbitrary<Shape> = fc.record({ loopbacks4: few, loopbacks6: few, links4: few, links6: few });

function nodeOf(of: Shape, at: number): CheckNode {
  const list = (count: number, text: (nth: number) => string) => Array.from({ length: count }, (_, nth) => text(nth));
  const loopbacks = [
    ...list(of.loopbacks4, (nth) => `10.0.${at}.${nth}/32`),
    ...list(of.loopbacks6, (nth) => `fd00::${at + 1}:${nth + 1}/128`),
  ];
  const links = [
    ...list(of.links4, (nth) => `10.1.${at}.${nth + 1}/24`),
    ...list(of.links6, (nth) => `fd01::${at + 1}:${nth + 1}/64`),
  ];
  return {
    label: `n${at}`,
    names: [`n${at}`],
    ns: `netns/n${at}`,
    loopbacks,
    devices: [{ dev: 'eth0', prefixes: links }],
  };
}

test('every ordered pair of nodes is there once for each address that is meant', () => {
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 6 }), fc.func(fc.boolean()), (shapes, choose) => {
      const nodes = shapes.map(nodeOf);
      const isFrom = ({ label }: CheckNode): boolean => choose(label);
      const pairs = pairsOf(nodes, isFrom);
      const bare = (prefix: string): string => prefix.replace(/\/.*/, '');
      const isSix = (text: string): boolean => text.includes(':');
      const wanted = nodes.filter(isFrom).flatMap((from) =>
        nodes.flatMap((to) => {
          if (from === to) return [];
          const own = [...from.loopbacks, ...(from.devices[0]?.prefixes ?? [])];
          const theirs = to.loopbacks.length > 0 ? to.loopbacks : (to.devices[0]?.prefixes ?? []);
          return theirs
            .filter((one) => own.some((other) => isSix(one) === isSix(other)))
            .map((one) => `${from.label} ${to.label} ${bare(one)}`);
        }),
      );
      const found = pairs.map(({ from, to, address }) => `${from.label} ${to.label} ${address}`);
      assert.deepEqual([...found].sort(), [...wanted].sort());
      for (const { from, address, source } of pairs) {
        const loopback = from.loopbacks.map(bare).find((one) => isSix(one) === isSix(address)) ?? null;
        assert.equal(source, loopback);
      }
    }),
  );
});
