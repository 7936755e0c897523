/** `plan` shows what `up` would do, and why. */
import { EXIT } from '../../errors.ts';
import { isEmpty } from '../../plan/plan.ts';
import { verb } from '../../verb-names.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const plan: Verb = {
  description:
    `Looks at the kernel and compares it with the configuration, as ${verb('up')} does, but changes nothing. With --offline it ` +
    'compares with an empty kernel instead, and needs neither root nor an engine.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'prune', 'offline', 'detailedExitcode', ...STORE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['plan -f lab.yaml', 'what would change'],
    ['plan -f lab.yaml --detailed-exitcode', 'exit 4 if anything would'],
    ['plan -f lab.yaml --offline --json', 'all operations, without looking at the kernel'],
  ],
  exitNotes: [
    '0  planned (with --detailed-exitcode: and nothing would change)',
    '1  something is in the way, or the configuration is invalid',
    '4  with --detailed-exitcode: something would change, or a node is missing',
  ],
  async run(context, options) {
    if (options.store !== undefined) return await (await import('../hosts/up.ts')).planOnHosts(context, options);
    const [{ requestOf }, { withReporter, writeDocument, writePieces }, { planJson, planPieces }, verbs] =
      await Promise.all([
        import('../request.ts'),
        import('../reporting.ts'),
        import('../../report/plan.ts'),
        import('../../lab/verbs/plan.ts'),
      ]);
    const made = await withReporter(context, options, async (emit) => {
      const request = requestOf(options, context);
      if (options.offline) return await verbs.planOffline(request, emit);
      return await verbs.plan(request, { emit, signal: null });
    });
    if (options.json) writeDocument(context, planJson(made.plan, made.pending, made.programs));
    else
      writePieces(context, planPieces(made.plan, context.out.paint, made.pending, made.network.nodes, made.programs));
    if (made.plan.failures.length > 0) return EXIT.failed;
    const isSettled =
      isEmpty(made.plan) && made.pending.length === 0 && made.programs.every(({ drift }) => drift.length === 0);
    return options.detailedExitcode && !isSettled ? EXIT.differences : EXIT.done;
  },
};
