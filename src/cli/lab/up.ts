/** `up`: make the kernel as the configuration says, once, or as long as it runs. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const up: Verb = {
  name: 'up',
  aliases: ['deploy', 'apply'],
  group: 'Links',
  summary: 'make the links real that the configuration describes',
  description:
    'Looks at the kernel, compares it with the configuration, and changes what differs: a second `up` changes nothing. ' +
    'What linkloom did not make is never touched. A link that fails does not stop the others.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'wait', 'watch', ...REPORT_FLAGS],
  examples: [
    ['up -f lab.yaml', 'the links of lab.yaml'],
    ['up -f compose.yaml --wait 30', 'and wait up to 30 seconds for containers that still start'],
    ['generate ring --nodes 8 | linkloom up --lab ring -f - --json', 'from another program, the result as JSON'],
  ],
  exitNotes: [
    '0    all links are up',
    '1    a link failed, a node is missing, or the configuration is invalid',
    '130  interrupted (143: terminated): what was begun is whole or undone, the rest is told',
  ],
  async run(context, options) {
    const [{ requestOf, statusOfSummary }, { onInterrupt }, { withReporter, writeDocument }, { summaryJson }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../report/summary.ts'),
      ]);
    return await withReporter(context, options, async (emit) => {
      const request = requestOf(options, context);
      if (options.watch) {
        const { followLab } = await import('../../daemon/follow-lab.ts');
        using interrupt = onInterrupt(context, emit, 'stopping, the links stay');
        await followLab(request, { emit, signal: interrupt.signal }, 'leave');
        return EXIT.done;
      }
      const pipeline = await import('../../pipeline.ts');
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const summary = await pipeline.up(request, options.wait * 1000, { emit, signal: interrupt.signal });
      if (options.json) writeDocument(context, summaryJson('up', summary));
      return statusOfSummary(summary);
    });
  },
};
