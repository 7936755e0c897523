/** `restart`: nodes anew, with their links. */
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Session } from '../../lab/session.ts';
import type { Restarted } from '../../lab/with-nodes/restart.ts';
import { commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const restart: Verb = {
  description:
    'Ends containers and starts them again; their links, and the far ends of their wires, are made anew with the same names, MACs and ' +
    'addresses before it returns. Other nodes keep what they have. Of a namespace the `run:` programs are begun anew. Where a daemon has the lab, it does this, and --lab NAME needs no file.',
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
    const [
      { labNameOf, requestOf },
      { onInterrupt },
      { withReporter, writeDocument },
      { restartNodes },
      { restartJson },
      { isNamedAlone },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/restart.ts'),
      import('../../report/summary.ts'),
      import('../../lab/with-nodes/of-lab.ts'),
    ]);
    return await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const wanted = { names, all: options.allNodes, graceS: options.grace };
      const request = requestOf(options, context);
      const byDaemon = async (of: Session | string): Promise<Restarted | null> => {
        const { restartThrough } = await import('../../api/client/verbs.ts');
        return await restartThrough(of, wanted, emit);
      };
      const named = isNamedAlone(request) ? await byDaemon(await labNameOf(request)) : null;
      const io = { emit, signal: interrupt.signal };
      const restarted = named ?? (await restartNodes(request, wanted, io, byDaemon));
      if (options.json) writeDocument(context, restartJson(restarted));
      return restarted.failures.length > 0 ? EXIT.failed : EXIT.done;
    });
  },
};
