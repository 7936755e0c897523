/** `wait`: until nodes, links, addresses, ports, files and health are there. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const wait: Verb = {
  description:
    'Waits until the nodes run (all of the lab if none is named) and all conditions are met in them; says what it waits for, and gives ' +
    'up after --timeout seconds. Without a condition it waits for their links. A port counts when something listens on it, on whatever ' +
    'address; the files of a namespace are those of this machine. --healthy without names is about the containers with a health check.',
  arguments: [{ name: '[node...]', description: 'as of `exec`; all nodes of the lab if left out' }],
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    ...(['untilLinks', 'address', 'port', 'path', 'healthy', 'timeout'] as const),
    ...REPORT_FLAGS,
  ],
  examples: [
    ['wait -f lab.yaml', 'until all links are up'],
    ['wait -f lab.yaml --links --port web:80 --path db:/ready --timeout 30', 'and the services serve'],
    ['wait --lab ring "r*" --address fd00::1', 'until these nodes have the address'],
  ],
  exitNotes: [
    '0  all of it is there',
    '1  not in time, no such node, or the configuration is invalid',
    '130  interrupted (143: terminated)',
  ],
  async run(context, options, names) {
    const [{ requestOf }, { onInterrupt }, { withReporter, writeDocument }, { waitFor }, { conditionsOf }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../lab/with-nodes/until/wait.ts'),
        import('../../lab/with-nodes/until/conditions.ts'),
      ]);
    const conditions = conditionsOf(options);
    const waited = await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'waiting no longer');
      return await waitFor(
        requestOf(options, context),
        {
          ...{ names, conditions, timeoutMs: options.timeout * 1000, env: context.env },
          links: options.untilLinks || conditions.length === 0,
        },
        { emit, signal: interrupt.signal },
      );
    });
    if (options.json) writeDocument(context, { schemaVersion: 1, verb: 'wait', ...waited });
    return EXIT.done;
  },
};
