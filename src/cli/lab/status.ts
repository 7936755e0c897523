/** `status`: each link as wanted and as it is. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const status: Verb = {
  name: 'status',
  aliases: ['inspect'],
  group: 'Links',
  summary: 'show each link as wanted and as it is',
  description:
    'Shows for each link its bridge, the state wanted and seen, MTU, addresses, traffic, and what differs; for each ' +
    'bridge where it is, with a line that captures its packets.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'detailedExitcode', ...REPORT_FLAGS],
  examples: [
    ['status -f lab.yaml', 'the links of lab.yaml'],
    ['status -f lab.yaml --json', 'as JSON, with the key names of `ip -json`'],
  ],
  exitNotes: [
    '0  shown (with --detailed-exitcode: and every link is as wanted)',
    '4  with --detailed-exitcode: something differs',
  ],
  async run(context, options) {
    const [{ requestOf }, { withReporter, writeDocument }, { isSettled, statusJson, statusText }, pipeline] =
      await Promise.all([
        import('../request.ts'),
        import('../reporting.ts'),
        import('../../report/status.ts'),
        import('../../pipeline.ts'),
      ]);
    const report = await withReporter(context, options, (emit) =>
      pipeline.status(requestOf(options, context), { emit, signal: null }),
    );
    if (options.json) writeDocument(context, statusJson(report));
    else context.out.write(statusText(report, context.out));
    return options.detailedExitcode && !isSettled(report) ? EXIT.differences : EXIT.done;
  },
};
