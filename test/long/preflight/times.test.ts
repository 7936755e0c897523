/** The times that are foretold, against those that were measured on an idle machine (bench/results). Nothing is timed here. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { millisecondsFor } from '../../../src/preflight/costs.ts';
import { madeBy } from '../../../src/preflight/lab.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { ROOT } from '../../support/bin.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';
import { labOfNetwork } from '../../support/preflight/machine.ts';

interface Row {
  readonly shape: 'circulant' | 'direct' | 'bridge' | 'patch';
  readonly links: number;
  readonly workers: number | null;
  readonly upMs: number;
  readonly downMs: number;
}

const FOLDER = join(ROOT, 'bench/results');
/** Larger ones take long to plan, and have the same costs. */
const MOST_LINKS = 4000;

const ROWS = readdirSync(FOLDER)
  .filter((name) => /^scale-.*\.json$/.test(name))
  .flatMap((name) => (JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { readonly rows: readonly Row[] }).rows)
  .filter(({ links, workers }) => links <= MOST_LINKS && workers === null);

/** A lab of the shape and size that bench/shapes.ts makes. */
function labOf({ shape, links }: Row): Network {
  const perNode = links > 1000 ? 10 : 4;
  const ends = Array.from({ length: links }, (_, at): Wanted & { readonly bridge: string } => ({
    node: `n${Math.floor(at / perNode)}`,
    dev: `eth${at % perNode}`,
    bridge: shape === 'bridge' ? `b${Math.floor(at / 1000)}` : `w${wireOf(at, links)}`,
    addresses: [`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32`],
  }));
  const mode = shape === 'direct' || shape === 'patch' ? shape : 'linux';
  return networkOf('lab', ends, Object.fromEntries(ends.map(({ bridge }) => [bridge, mode])));
}

/** A wire has two ends, in two nodes. */
function wireOf(at: number, links: number): number {
  return at % (links / 2);
}

test('every shape and size that was measured is foretold within a quarter', () => {
  assert.ok(ROWS.length >= 10, String(ROWS.length));
  for (const row of ROWS) {
    const { up, down } = millisecondsFor(madeBy(labOfNetwork(labOf(row))), { pairMs: null, bridgeMs: null });
    for (const [what, said, took] of [
      ['up', up, row.upMs],
      ['down', down, row.downMs],
    ] as const) {
      const ratio = said / took;
      const text = `${what} of ${row.shape} ${row.links}: ${said.toFixed(0)} ms foretold, ${took.toFixed(0)} ms measured`;
      assert.ok(ratio > 0.75 && ratio < 1.25, text);
    }
  }
});

test('containers that do not run count with their wires, and those that run do not', () => {
  const network = networkOf('lab', [{ node: 'a', dev: 'eth0', bridge: 'w' }], { w: 'direct' });
  const [link] = network.links;
  assert.ok(link);
  const node = { kind: 'node', name: 'c' } as const;
  const pending = [{ selector: node, links: [{ ...link.spec, selector: node }] }];
  const definitions = ['c', 'd'].map((name) => ({ kind: 'container', name, run: [] })) as never;
  const made = madeBy({ ...labOfNetwork(network), network: { ...network, pending }, definitions });
  assert.deepEqual([made.containers, made.pairs], [2, 1]);
  const runs = { kind: 'container', name: 'c', loopbacks: { addresses: [], pools: [] } } as never;
  const now = madeBy({ ...labOfNetwork(network), network: { ...network, nodes: [runs] }, definitions });
  assert.equal(now.containers, 1);
  const { up } = millisecondsFor(made, { pairMs: null, bridgeMs: null });
  assert.ok(up > millisecondsFor(now, { pairMs: null, bridgeMs: null }).up);
});
