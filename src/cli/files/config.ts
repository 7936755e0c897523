/** `config` prints the merged configuration, in linkloom's own language. */
import { EXIT } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const config: Verb = {
  description:
    'Prints what all files together say: merged, interpolated, with defaults written out. `-f -` takes it back. (For the shape ' +
    `that conlink prints, see ${commandLine('daemon', '--show-config')}.)`,
  flags: [...SOURCE_FLAGS, 'format', ...REPORT_FLAGS.filter((name) => name !== 'json')],
  examples: [
    ['config -f compose.yaml -f links.yaml', 'both as one'],
    ['config -f lab.yaml --format json', 'as JSON, which loads fastest'],
  ],
  exitNotes: ['0  printed', '1  the configuration is invalid'],
  async run(context, options) {
    const [{ requestOf }, { withReporter }, { loadTopology }, { printConfig }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/load.ts'),
      import('../../config/print.ts'),
    ]);
    const { loaded } = await withReporter(context, options, (emit) => loadTopology(requestOf(options, context), emit));
    const text = printConfig(loaded.config, {
      format: options.format,
      lab: loaded.lab,
      defaultBridgeMode: options.defaultBridgeMode,
      defaultMtuBytes: options.defaultMtu,
    });
    context.out.write(text);
    return EXIT.done;
  },
};
