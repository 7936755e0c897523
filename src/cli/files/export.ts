/** `export` writes a configuration as a file of another tool. */
import { dirname, resolve } from 'node:path';
import { EXIT, LinkloomError } from '../../errors.ts';
import { EXPORT_FORMATS } from '../../export/formats.ts';
import { REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';
import { assertNothingLeft } from './strict.ts';

/** The image of a container that stands for a namespace: it has a shell, and `ip`. */
const STAND_IN = 'alpine:3';

export const exportVerb: Verb = {
  description:
    'Reads what every verb reads (files of containerlab and Kathara, too), and writes it as a compose project with `x-network`, as a ' +
    'topology of containerlab, or as a graph in node-link JSON (NetworkX). What the format has no words for is listed on standard ' +
    'error, each with its line.',
  flags: ['to', 'output', 'image', 'strict', ...SOURCE_FLAGS, ...REPORT_FLAGS.filter((name) => name !== 'json')],
  examples: [
    ['export --to containerlab -f lab.yaml -o lab.clab.yml', 'a topology of containerlab'],
    ['export --to compose -f lab.yaml --strict', 'a compose project, or an error if something can not be carried over'],
    ['export --to node-link -f lab.clab.yml > lab.json', 'a graph for NetworkX'],
  ],
  exitNotes: [
    '0  written; what is not in it is listed',
    '1  the configuration is invalid; with --strict: something is not carried over',
  ],
  async run(context, options) {
    const { to } = options;
    if (to === undefined) {
      throw new LinkloomError('E_USAGE', 'export does not know what to write', {
        hint: `give --to ${EXPORT_FORMATS.join('|')}`,
      });
    }
    const [{ requestOf }, { withReporter }, { loadTopology }, { exportLab }, { choiceFor }, { imageChoices }] =
      await Promise.all([
        import('../request.ts'),
        import('../reporting.ts'),
        import('../../lab/load.ts'),
        import('../../export/export.ts'),
        import('../../config/import/stand-in.ts'),
        import('./image-choices.ts'),
      ]);
    const images = imageChoices(options.image);
    const isFile = options.output !== '-';
    const text = await withReporter(context, options, async (emit) => {
      const { loaded } = await loadTopology(requestOf(options, context), emit);
      const { text: written, notes } = exportLab(loaded.config, loaded.lab, to, {
        folder: isFile ? dirname(resolve(options.output)) : process.cwd(),
        standIn: (node) => choiceFor({ images }, node, node)?.image ?? STAND_IN,
      });
      for (const diagnostic of notes) emit({ type: 'diagnostic', diagnostic });
      assertNothingLeft(options, notes, 'export');
      return written;
    });
    if (isFile) await (await import('../output-file.ts')).writeOutput('--output', options.output, text);
    else context.out.write(text);
    return EXIT.done;
  },
};
