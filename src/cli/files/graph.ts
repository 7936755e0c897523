/** `graph` draws a configuration. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import { PAGE_URL } from '../../layout.ts';
import { GRAPH_FORMATS, type GraphFormat } from '../../report/graph/formats.ts';
import { REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const graph: Verb = {
  description:
    'Prints a drawing of a configuration: nodes with their devices, bridges with their ports, parents of *vlan links, ' +
    'tunnels. As `dot` for GraphViz (the default), as a `mermaid` flow chart, as `json`, as an `svg` picture, or as an `html` page ' +
    'that needs nothing else, with a search. A bridge of two links is an edge. Fabrics and trees are drawn in tiers, nodes with a ' +
    'position where they are, all else by forces. A service is drawn once, whatever its scale. It also reads what `--show-config` ' +
    'prints, here and in conlink.',
  arguments: [{ name: '[format]', description: 'language of the drawing; dot if left out', choices: GRAPH_FORMATS }],
  flags: [...SOURCE_FLAGS, 'layout', 'group', 'ports', ...REPORT_FLAGS.filter((name) => name !== 'json')],
  examples: [
    ['graph -f lab.yaml | dot -Tsvg > lab.svg', 'a picture, made by GraphViz'],
    ['graph mermaid -f lab.yaml', 'for a README'],
    ['graph html -f lab.yaml > lab.html', 'a page to look around in'],
    ['graph svg -f lab.yaml --group "pod1=p1-*" > lab.svg', 'one box for all nodes whose names begin with p1-'],
    ['graph -f - < shown.json', 'what `conlink --show-config` printed'],
  ],
  exitNotes: ['0  printed', '1  the configuration is invalid'],
  async run(context, options, [format = 'dot']) {
    const [{ requestOf }, { withReporter }, { load }, { drawn }, { foldsOf }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/load.ts'),
      import('../../report/graph/text.ts'),
      import('../../picture/groups.ts'),
    ]);
    const { layout, ports } = options;
    const [folds, page] = [
      foldsOf(options.group),
      format === 'html' ? await readFile(new URL('index.html', PAGE_URL), 'utf8') : '',
    ];
    const topology = await withReporter(context, options, (emit) => load(requestOf(options, context), emit));
    const { text, warnings } = drawn(topology, format as GraphFormat, { folds, layout, ports, page });
    for (const warning of warnings) context.err.write(`WARNING: ${warning}\n`);
    context.out.write(text);
    return EXIT.done;
  },
};
