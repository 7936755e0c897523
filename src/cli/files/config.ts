/** `config` prints the merged configuration, in linkloom's own language. */
import { EXIT } from '../../errors.ts';
import { bareCommandLine, commandLine } from '../../verb-names.ts';
import { FRR_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const config: Verb = {
  description:
    'Prints what all files together say: merged, interpolated, with defaults written out. `-f -` takes it back. (For the shape ' +
    `that conlink prints, see ${commandLine('daemon', '--show-config')}.)`,
  flags: [...SOURCE_FLAGS, ...FRR_FLAGS, 'format', ...REPORT_FLAGS.filter((name) => name !== 'json')],
  examples: [
    ['config -f compose.yaml -f links.yaml', 'both as one'],
    ['config -f lab.yaml --format json', 'as JSON, which loads fastest'],
    [`config -f lab.yaml --frr bgp | ${bareCommandLine('up', '-f -')}`, 'with routers of FRR in its nodes'],
  ],
  exitNotes: ['0  printed', '1  the configuration is invalid'],
  async run(context, options) {
    const [
      { requestOf },
      { withReporter, writePieces },
      { loadTopology },
      { plainConfig },
      { documentPieces },
      { asRouted },
    ] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/load.ts'),
      import('../../config/print.ts'),
      import('../../config/text/document.ts'),
      import('./routed.ts'),
    ]);
    const { loaded } = await withReporter(context, options, (emit) => loadTopology(requestOf(options, context), emit));
    const { config, lab } = loaded;
    const { defaultBridgeMode, defaultMtu: defaultMtuBytes } = options;
    const document = await asRouted(
      plainConfig(config, { lab, defaultBridgeMode, defaultMtuBytes }),
      options,
      context.env,
    );
    writePieces(context, documentPieces(document, options.format));
    return EXIT.done;
  },
};
