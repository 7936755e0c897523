/** `down` removes a lab, which it recognises by its marks in the kernel. */
import { EXIT } from '../../errors.ts';
import type { Summary } from '../../events.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const down: Verb = {
  description:
    'Removes everything that has the marks of the lab: its links, its bridges and the namespaces that linkloom made. It needs no ' +
    "configuration, only the lab's name; with a configuration it takes the name from there. A daemon that has the lab is asked to remove " +
    'it, and ends.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'detach', 'wait', ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['down --lab ring', 'without any configuration'],
    ['down -f lab.yaml', 'the lab that lab.yaml names'],
    ['down --lab big --detach', 'in the background'],
  ],
  async run(context, options) {
    if (options.store !== undefined) return await (await import('../hosts/up.ts')).downOnHosts(context, options);
    const [{ labNameOf, requestOf }, { onInterrupt }, { withReporter, writeDocument }, { summaryJson }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../report/summary.ts'),
      ]);
    return await withReporter(context, options, async (emit, links) => {
      const request = requestOf(options, context);
      const lab = await labNameOf(request);
      if (options.detach) {
        const { downDetached } = await import('./detach.ts');
        return await downDetached(context, options, lab);
      }
      const { down: takeDown } = await import('../../lab/verbs/down.ts');
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const handOver = async (name: string): Promise<Summary | null> => {
        const { downThrough } = await import('../../api/client/verbs.ts');
        return await downThrough(name, emit);
      };
      const summary = await takeDown(lab, request, { emit, signal: interrupt.signal, links: links('once') }, handOver);
      if (options.json) writeDocument(context, summaryJson('down', summary));
      return summary.failures.length > 0 ? EXIT.failed : EXIT.done;
    });
  },
};
