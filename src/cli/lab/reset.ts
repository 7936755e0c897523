/** `reset` takes back what `set` has done. */
import { EXIT, LinkloomError } from '../../errors.ts';
import type { SetReport } from '../../lab/override/report.ts';
import type { Session } from '../../lab/session.ts';
import { verb } from '../../verb-names.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const reset: Verb = {
  description:
    `Links that ${verb('set')} has changed are as configured again, at both ends, with the addresses and routes that they had. It ` +
    'needs the configuration. Links that were not set by hand are left alone, however they differ.',
  arguments: [{ name: '[link...]', description: '`NODE:DEV`, a glob, or `bridge/NAME`; none: all links' }],
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['reset -f lab.yaml', 'everything that was set by hand'],
    ["reset 'leaf*:eth1'", 'some of it, of the compose file here'],
  ],
  exitNotes: ['0  they are as configured', '1  the kernel refused a link, or there is no such link'],
  async run(context, options, links) {
    if (options.store !== undefined) {
      return await (await import('../hosts/asked.ts')).resetOnHosts(context, options, links);
    }
    const [
      { labNameOf, requestOf },
      { onInterrupt },
      { withReporter, writeDocument },
      verbs,
      report,
      { isNamedAlone },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reporting.ts'),
      import('../../lab/verbs/set.ts'),
      import('../../report/override/override.ts'),
      import('../../lab/with-nodes/of-lab.ts'),
    ]);
    return await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'finishing what is under way');
      const io = { emit, signal: interrupt.signal };
      const request = requestOf(options, context);
      const byDaemon = async (of: Session | string): Promise<SetReport | null> => {
        const { resetThrough } = await import('../../api/client/verbs.ts');
        return await resetThrough(of, { links }, emit);
      };
      const named = isNamedAlone(request) ? await byDaemon(await labNameOf(request)) : null;
      const done = named ?? (await verbs.reset(request, { links }, io, byDaemon).catch(withoutConfiguration));
      if (options.json) writeDocument(context, report.setJson('reset', done));
      else emit({ type: 'notice', message: report.setText('reset', done) });
      return done.failures.length > 0 ? EXIT.failed : EXIT.done;
    });
  },
};

/** What to reset to is in the configuration alone. */
function withoutConfiguration(error: unknown): never {
  const isIt =
    error instanceof LinkloomError && error.code === 'E_USAGE' && error.message.startsWith('no configuration');
  if (!isIt) throw error;
  throw new LinkloomError('E_USAGE', error.message, {
    cause: error,
    hint: `${verb('reset')} needs the configuration, as what is set by hand is all that the kernel knows: give -f FILE`,
  });
}
