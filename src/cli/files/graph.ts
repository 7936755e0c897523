/** `graph` draws a configuration. */
import { EXIT } from '../../errors.ts';
import { GRAPH_FORMATS, type GraphFormat } from '../../report/graph/formats.ts';
import { REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const graph: Verb = {
  name: 'graph',
  group: 'Configuration',
  summary: 'draw a configuration',
  description:
    'Prints a drawing of a configuration: nodes with their devices, bridges with their ports, parents of *vlan links, ' +
    'tunnels. As `dot` for GraphViz (the default), as a `mermaid` flow chart, as `json`, as an `svg` picture, or as an `html` page ' +
    'that needs nothing else. A service is drawn once, whatever its scale. It also reads what `--show-config` prints, here and in conlink.',
  arguments: [{ name: '[format]', description: 'language of the drawing; dot if left out', choices: GRAPH_FORMATS }],
  flags: [...SOURCE_FLAGS, ...REPORT_FLAGS.filter((name) => name !== 'json')],
  examples: [
    ['graph -f lab.yaml | dot -Tsvg > lab.svg', 'a picture, made by GraphViz'],
    ['graph mermaid -f lab.yaml', 'for a README'],
    ['graph html -f lab.yaml > lab.html', 'a page to look around in'],
    ['graph -f - < shown.json', 'what `conlink --show-config` printed'],
  ],
  exitNotes: ['0  printed', '1  the configuration is invalid'],
  async run(context, options, [format = 'dot']) {
    const [{ requestOf }, { withReporter }, { load }, { graphText }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/load.ts'),
      import('../../report/graph/text.ts'),
    ]);
    const topology = await withReporter(context, options, (emit) => load(requestOf(options, context), emit));
    context.out.write(graphText(topology, format as GraphFormat));
    return EXIT.done;
  },
};
