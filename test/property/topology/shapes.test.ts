/** Generated networks of any size: what their definitions say of degrees and wires, and what all of them have in common. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { LinkloomError } from '../../../src/errors.ts';
import { generate, type ShapeNumbers, shapeOf } from '../../../src/topology/shapes/generate.ts';
import { SHAPES, type ShapeName } from '../../../src/topology/shapes/names.ts';
import { printConfig, printWholeLab } from '../../../src/topology/shapes/print.ts';
import type { Shape } from '../../../src/topology/shapes/shape.ts';
import { wholeLab } from '../../../src/topology/shapes/whole-lab.ts';

const NAMES = Object.keys(SHAPES) as ShapeName[];

function madeOrNull(name: ShapeName, numbers: ShapeNumbers): Shape | null {
  try {
    return shapeOf(name, numbers);
  } catch (error) {
    if (error instanceof LinkloomError && error.code === 'E_USAGE' && error.hint) return null;
    throw error;
  }
}

function degreesOf(shape: Shape): readonly number[] {
  const degrees = new Array<number>(shape.nodes).fill(0);
  for (const { a, b } of shape.wires) for (const { node } of [a, b]) degrees[node] = (degrees[node] ?? 0) + 1;
  return degrees;
}

const degreeByName = (shape: Shape): ReadonlyMap<string, number> =>
  new Map(degreesOf(shape).map((degree, node) => [shape.nameOf(node), degree]));

function isConnected({ nodes, wires }: Shape): boolean {
  const near = new Map<number, number[]>();
  for (const { a, b } of wires) {
    near.set(a.node, [...(near.get(a.node) ?? []), b.node]);
    near.set(b.node, [...(near.get(b.node) ?? []), a.node]);
  }
  const seen = new Set([0]);
  for (const node of seen) for (const other of near.get(node) ?? []) seen.add(other);
  return seen.size === nodes;
}

const pairsOf = ({ wires }: Shape): readonly string[] =>
  wires.map(({ a, b }) => [a.node, b.node].sort((x, y) => x - y).join('-'));

const numbers = fc.record({
  nodes: fc.integer({ min: 1, max: 60 }),
  links: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(1e9),
});

test('every shape is connected, and every device, name, wire and address is there once', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), numbers, (name, { nodes, links, seed }) => {
      const given = {
        ...(SHAPES[name].links === null ? {} : { links }),
        ...('isOwnSize' in SHAPES[name] ? {} : { nodes }),
        seed,
      };
      const shape = madeOrNull(name, given);
      fc.pre(shape !== null);
      assert.ok(isConnected(shape), name);
      assert.ok(shape.wires.every(({ a, b }) => a.node !== b.node));
      const { links: made } = generate(name, given);
      for (const of of [
        made.map(({ netns, dev }) => `${netns}:${dev}`),
        made.map(({ ip }) => ip),
        Array.from({ length: shape.nodes }, (_, node) => shape.nameOf(node)),
      ])
        assert.equal(new Set(of).size, of.length);
      assert.equal(new Set(made.map(({ bridge }) => bridge)).size, shape.wires.length);
      assert.equal(printConfig(generate(name, given), 'yaml'), printConfig(generate(name, given), 'yaml'));
      const lab = wholeLab(name, { ...given, images: [], asns: true });
      for (const format of ['yaml', 'json'] as const) assert.deepEqual(parse(printWholeLab(lab, format)), lab);
    }),
    { numRuns: 300 },
  );
});

test('no pair is wired twice, but where --links asks for it', () => {
  const simple: readonly ShapeName[] = ['random', 'waxman', 'barabasi-albert', 'ring-of-rings', 'isp', 'data-centre'];
  fc.assert(
    fc.property(fc.constantFrom(...simple), numbers, (name, { nodes, links, seed }) => {
      const given = name === 'waxman' ? { nodes, seed } : name === 'data-centre' ? { links } : { nodes, links, seed };
      const shape = madeOrNull(name, given);
      fc.pre(shape !== null);
      assert.equal(new Set(pairsOf(shape)).size, shape.wires.length);
    }),
  );
});

test('barabasi-albert: each new node brings its wires, and some node gets many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 200 }), fc.nat(1e9), (links, more, seed) => {
      const nodes = links + more;
      const shape = shapeOf('barabasi-albert', { nodes, links, seed });
      assert.equal(shape.wires.length, (links * (links + 1)) / 2 + (nodes - links - 1) * links);
      assert.ok(Math.min(...degreesOf(shape)) >= links);
    }),
  );
  const degrees = degreesOf(shapeOf('barabasi-albert', { nodes: 1000, links: 2 }));
  assert.ok(Math.max(...degrees) > 30, 'where random with as many wires has some 15');
});

test('waxman: more wires for a greater beta, shorter ones for a smaller alpha', () => {
  const few = shapeOf('waxman', { nodes: 100, beta: 0.1, seed: 5 });
  const many = shapeOf('waxman', { nodes: 100, beta: 0.9, seed: 5 });
  assert.ok(many.wires.length > 3 * few.wires.length);
  const lengthOf = (shape: Shape): number => {
    const lengths = shape.wires.map(({ a, b }) => {
      const [from, to] = [shape.placeOf?.(a.node), shape.placeOf?.(b.node)];
      return Math.hypot((from?.x ?? 0) - (to?.x ?? 0), (from?.y ?? 0) - (to?.y ?? 0));
    });
    return lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
  };
  assert.ok(
    lengthOf(shapeOf('waxman', { nodes: 100, alpha: 0.05 })) < lengthOf(shapeOf('waxman', { nodes: 100, alpha: 1 })),
  );
});

test('ring-of-rings: a hub has four wires, all others two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 3, max: 12 }), (rings, size) => {
      const shape = shapeOf('ring-of-rings', { nodes: rings * size, links: rings });
      assert.equal(shape.wires.length, rings + rings * size);
      for (const [name, degree] of degreeByName(shape)) assert.equal(degree, name.startsWith('hub') ? 4 : 2, name);
    }),
  );
});

test('isp: each router below the core has its uplinks, to the tier above', () => {
  fc.assert(
    fc.property(fc.integer({ min: 7, max: 150 }), fc.integer({ min: 1, max: 3 }), fc.nat(1e9), (nodes, links, seed) => {
      const shape = shapeOf('isp', { nodes, links, seed });
      const tiers = ['core', 'agg', 'access'];
      const tierOf = (node: number): number => tiers.findIndex((tier) => shape.nameOf(node).startsWith(tier));
      const uplinks = new Map<number, number>();
      for (const { a, b } of shape.wires) {
        if (tierOf(a.node) === 0 && tierOf(b.node) === 0) continue;
        assert.equal(tierOf(a.node), tierOf(b.node) - 1);
        uplinks.set(b.node, (uplinks.get(b.node) ?? 0) + 1);
      }
      const below = Array.from({ length: nodes }, (_, node) => node).filter((node) => tierOf(node) > 0);
      for (const node of below) assert.equal(uplinks.get(node), links);
    }),
  );
});

test('data-centre: leaves are wired to all spines of their pod, hosts are as many as the ratio allows', () => {
  const range = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(range, range, range, range, (links, pods, leaves, oversubscription) => {
      const shape = shapeOf('data-centre', { links, pods, leaves, oversubscription });
      const perPlane = pods === 1 ? 0 : Math.ceil(leaves / oversubscription);
      const hosts = links * oversubscription;
      const expected: Readonly<Record<string, number>> = {
        super: pods,
        spine: leaves + perPlane,
        leaf: links + hosts,
        host: 1,
      };
      for (const [name, degree] of degreeByName(shape)) assert.equal(degree, expected[name.replace(/\d+$/, '')], name);
      assert.equal(shape.nodes, links * perPlane + pods * (links + leaves + leaves * hosts));
    }),
  );
});

test('the loader takes what is printed, with an address for each end and each node', async () => {
  for (const name of NAMES) {
    const lab = wholeLab(name, { images: [], asns: true, lab: 'x' });
    const plan = { wires: { pool: '10.0.0.0/9' }, loopbacks: { pool: '10.255.0.0/16' } };
    const text = printWholeLab({ ...lab, addressing: plan } as typeof lab, 'yaml');
    const { config, diagnostics } = await loadConfig({
      ...{ cwd: '/', env: {}, files: ['-'], discover: false },
      readStdin: async () => Buffer.from(text),
    });
    assert.deepEqual(diagnostics, [], name);
    const given = [
      ...config.wires.flatMap(({ value }) => value.links.map(({ ip }) => String(ip))),
      ...[...config.nodes.values()].map(({ value }) => String(value.ip)),
    ];
    assert.equal(new Set(given).size, given.length);
    assert.ok(!given.includes('undefined'));
  }
});
