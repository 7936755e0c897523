/**
 * `files/` has the verbs that turn configurations into text and never touch the kernel.
 *
 * This file: `generate`.
 */
import { counted } from '../../counted.ts';
import { EXIT } from '../../errors.ts';
import { SHAPES, type ShapeName } from '../../topology/shapes/names.ts';
import { bareCommandLine } from '../../verb-names.ts';
import type { Verb } from '../verb.ts';

const MEANINGS = Object.entries(SHAPES).map(([name, { summary, links, defaults }]) => {
  return `  ${name}: ${summary} (${counted(defaults.nodes, 'node')}; --links ${defaults.links}: ${links})`;
});

export const generate: Verb = {
  description:
    'Prints the configuration of a network of some shape. Nodes are called n0, n1… (in clos and fat-tree by their layer), ' +
    'their devices eth0, eth1… Every wire is a bridge with a /30 network of its own.\n\n' +
    `Shapes, with their defaults:\n${MEANINGS.join('\n')}`,
  arguments: [{ name: '<shape>', description: 'which shape', choices: Object.keys(SHAPES) }],
  flags: ['nodes', 'links', 'runtime', 'base', 'bridgeMode', 'mtu', 'seed', 'lab', 'format'],
  examples: [
    [`generate ring --nodes 8 | ${bareCommandLine('up', '--lab ring -f -')}`, 'eight namespaces in a ring'],
    ['generate circulant --nodes 1000 --links 10 --format json > big.json', '10,000 links'],
  ],
  async run({ out }, options, [shape]) {
    const [shapes, { printConfig }] = await Promise.all([
      import('../../topology/shapes/generate.ts'),
      import('../../topology/shapes/print.ts'),
    ]);
    const config = shapes.generate(shape as ShapeName, { ...options, mode: options.bridgeMode, mtuBytes: options.mtu });
    out.write(printConfig(config, options.format));
    return EXIT.done;
  },
};
