/** Any graph becomes a lab with the same nodes, degrees and edges, whatever its names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { importLab } from '../../../src/config/import/import.ts';
import { NO_OPTIONS } from '../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../src/config/import/surroundings.ts';
import { nodeNameFault } from '../../../src/config/schema.ts';
import { checkIfname } from '../../../src/net/ifname.ts';

const AROUND = surroundingsOf('/nowhere', '/nowhere', () => undefined);

const graphs = fc
  .record({
    names: fc.array(fc.string({ unit: 'grapheme', maxLength: 80 }), { minLength: 2, maxLength: 12 }),
    pairs: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }),
    key: fc.constantFrom('edges', 'links'),
  })
  .map(({ names, pairs, key }) => ({
    names,
    key,
    edges: pairs.map(([a, b]) => [a % names.length, b % names.length] as const).filter(([a, b]) => a !== b),
  }));

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const WRITERS = {
  json: ({
    names,
    edges,
    key,
  }: {
    names: readonly string[];
    edges: readonly (readonly [number, number])[];
    key: string;
  }) =>
    JSON.stringify({
      directed: false,
      multigraph: true,
      graph: {},
      nodes: names.map((name, id) => ({ id, name })),
      [key]: edges.map(([source, target]) => ({ source, target })),
    }),
  graphml: ({ names, edges }: { names: readonly string[]; edges: readonly (readonly [number, number])[] }) =>
    `<graphml><key id="d" attr.name="label" for="node"/><graph edgedefault="undirected">${names
      .map((name, id) => `<node id="${id}"><data key="d">${escaped(name)}</data></node>`)
      .join('')}${edges.map(([a, b]) => `<edge source="${a}" target="${b}"/>`).join('')}</graph></graphml>`,
};

describe('an imported graph', () => {
  for (const [kind, write] of Object.entries(WRITERS)) {
    it(`of ${kind} keeps nodes, edges and degrees`, async () => {
      await fc.assert(
        fc.asyncProperty(graphs, async (graph) => {
          // XML has no control characters and no lone surrogates.
          const names = graph.names.map((name) => name.replaceAll(/[\p{Cc}\p{Cs}\u{FFFE}\u{FFFF}]/gu, ''));
          const text = write({ ...graph, names });
          const lab = await importLab({ file: 'x', text, format: null, options: NO_OPTIONS, around: AROUND });
          assert.deepEqual(
            lab.notes.inOrder.filter(({ severity }) => severity === 'error'),
            [],
          );
          const nodes = [...lab.nodes.keys()];
          assert.equal(nodes.length, names.length);
          for (const node of nodes) assert.equal(nodeNameFault(node), null);
          const ends = lab.wires.flatMap((wire) => wire as unknown as string[]).map((end) => end.split(':'));
          assert.equal(
            new Set(ends.map(([node, dev]) => `${node}:${dev}`)).size,
            ends.length,
            'an interface has two wires',
          );
          for (const [, dev = ''] of ends) assert.equal(checkIfname(dev), null);
          const degrees = nodes.map((node) => ends.filter(([of]) => of === node).length);
          const wanted = names.map((_, id) => graph.edges.flat().filter((end) => end === id).length);
          assert.deepEqual(degrees, wanted);
        }),
        { numRuns: 100 },
      );
    });
  }
});
