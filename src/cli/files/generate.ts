/**
 * `files/`: verbs that turn configurations into text and touch no kernel.
 *
 * This file: `generate`.
 */
import { EXIT, LinkloomError } from '../../errors.ts';
import { SHAPES, type Shape } from '../../shapes/names.ts';
import type { Verb } from '../verb.ts';

export const generate: Verb = {
  name: 'generate',
  group: 'Configuration',
  summary: 'print the configuration of a regular network',
  description:
    'Prints the configuration of a network of a shape. Nodes are n0, n1…, their devices eth0, eth1…; every edge is a ' +
    'bridge with a network of its own, from 10.0.0.0/30 on.',
  arguments: [{ name: '<shape>', description: 'which shape', choices: SHAPES }],
  flags: ['nodes', 'links', 'runtime', 'lab', 'format'],
  examples: [
    ['generate ring --nodes 8 | linkloom up --lab ring -f -', 'eight namespaces in a ring'],
    ['generate circulant --nodes 1000 --links 10 --format json > big.json', '10,000 links'],
  ],
  async run({ out }, options, [shape]) {
    const [{ edgeCount, sizeFault }, { shapeText }, { MOST_EDGES }] = await Promise.all([
      import('../../shapes/edges.ts'),
      import('../../shapes/print.ts'),
      import('../../shapes/shape.ts'),
    ]);
    const name = shape as Shape;
    const size = { nodes: options.nodes, links: options.links ?? (name === 'star' ? 1 : 2) };
    const fault = sizeFault(name, size);
    if (fault !== null) throw new LinkloomError('E_USAGE', fault, { hint: 'see --nodes and --links' });
    if (edgeCount(name, size) > MOST_EDGES) {
      throw new LinkloomError('E_USAGE', `${edgeCount(name, size)} edges are more than 10.0.0.0/8 has networks for`, {
        hint: `at most ${MOST_EDGES} edges; see --nodes and --links`,
      });
    }
    for (const text of inPieces(shapeText(name, size, { ...options, lab: options.lab ?? null }))) out.write(text);
    return EXIT.done;
  },
};

const PIECE_CHARS = 65_536;

/** Many short texts as few long ones: each write costs a system call. */
function* inPieces(texts: Iterable<string>): Iterable<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
