/** `restart`: nodes anew, with their links. */
import { EXIT, LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const restart: Verb = {
  description:
    'Ends containers and starts them again; their links, and the far ends of their wires, are made anew with the same names, MACs and ' +
    'addresses before it returns. Other nodes keep what they have. Of a namespace the `run:` programs are begun anew.',
  arguments: [{ name: '[node...]', description: 'names and globs, of the lab' }],
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'allNodes', 'grace', ...REPORT_FLAGS],
  examples: [
    ['restart -f lab.yaml r1', 'one node'],
    ['restart "leaf*" --grace 0', 'of the compose file here, killed at once'],
  ],
  exitNotes: ['0  they run again, with their links', '1  a node or a link failed, or there is no such node'],
  async run(context, options, names) {
    if (names.length === 0 && !options.allNodes) {
      throw new LinkloomError('E_USAGE', 'no node is named', { hint: `${commandLine('restart', 'NODE')}, or --all` });
    }
    const [{ requestOf }, { onInterrupt }, { withReporter, writeDocument }, { restartNodes }, { restartJson }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../lab/with-nodes/restart.ts'),
        import('../../report/summary.ts'),
      ]);
    return await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const wanted = { names, all: options.allNodes, graceS: options.grace };
      const restarted = await restartNodes(requestOf(options, context), wanted, { emit, signal: interrupt.signal });
      if (options.json) writeDocument(context, restartJson(restarted));
      return restarted.failures.length > 0 ? EXIT.failed : EXIT.done;
    });
  },
};
