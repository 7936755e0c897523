/** `events` shows what happens to a lab, as it happens. */
import { EXIT } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const events: Verb = {
  description:
    'Watches the kernel and the container engines, and shows each link that comes, goes or changes, each container that starts or ' +
    'ends, and each link that differs from the configuration or does not any more. It changes nothing, takes no lock, and works with ' +
    'and without a daemon. What it sees in the kernel does not tell who did it. With --lab and no file nothing is compared, and a lab that is not there yet is waited for. Files are read once: edits of ' +
    'them are not followed.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'onlyNode', 'onlyLink', 'onlyKind', ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['events -f lab.yaml', 'what happens to the lab of lab.yaml, and what differs from it'],
    ['events --lab ring --node "r1*"', 'what happens to some of its nodes'],
    ['events -f lab.yaml --kind operstate,drifted --json', 'some types of events, each as a line of JSON'],
  ],
  exitNotes: ['0  it was stopped by SIGINT or SIGTERM', '1  the configuration is invalid', '3  a privilege is missing'],
  async run(context, options) {
    if (options.store !== undefined) {
      return await (await import('../hosts/events.ts')).eventsOfHosts(context, options);
    }
    const [
      { requestOf },
      { onInterrupt },
      { OutputReader },
      { withReporter, writeDocument },
      { LabWatch },
      { eventFilter },
      report,
      { followPlays },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reader.ts'),
      import('../reporting.ts'),
      import('../../lab/live/follow.ts'),
      import('../../lab/live/filter.ts'),
      import('../../report/lab-events.ts'),
      import('../../api/client/played.ts'),
    ]);
    const { out } = context;
    const isWanted = eventFilter({ nodes: options.onlyNode, links: options.onlyLink, kinds: options.onlyKind });
    return await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, () => {}, '');
      await using reader = new OutputReader(context);
      const signal = AbortSignal.any([interrupt.signal, reader.signal]);
      await using watch = await LabWatch.open(requestOf(options, context), { emit, signal });
      const files = watch.isCompared ? ', compared with its files as they are now' : '';
      emit({ type: 'notice', message: `Following lab ${watch.lab}${files}` });
      if (watch.isEmpty) {
        const message = `Nothing of a lab ${watch.lab} is there yet: waiting for it (${commandLine('status', '--all')} lists the labs of this host)`;
        emit({ type: 'notice', message });
      }
      void followPlays(watch.lab, signal, (event) => watch.log.add('linkloom', event));
      for await (const event of watch.log.follow({ after: 0, signal })) {
        if (!isWanted(event.event)) continue;
        if (options.json) writeDocument(context, report.labEventJson(event));
        else out.write(report.labEventText(event, out.paint));
      }
      return EXIT.done;
    });
  },
};
