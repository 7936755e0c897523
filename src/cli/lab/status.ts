/** `status` shows each link as wanted and as it is. */
import { EXIT, LinkloomError } from '../../errors.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, namesFile, type Options, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const status: Verb = {
  description:
    'Shows for each link its bridge, its wanted and its actual state, MTU, addresses, traffic, and what differs; for each ' +
    'bridge its namespace, with a command that captures its packets. With --lab and no file it shows what has the marks ' +
    'of that lab, with nothing to compare it with. --watch stays: a table with rates, drops and errors on a terminal (q quits, s sorts, ' +
    '/ filters, d shows drift alone), elsewhere a line for each link, with --json a document each time.',
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    'all',
    'detailedExitcode',
    ...(['live', 'sort', 'interval', 'onlyNode', 'onlyBridge', 'onlyDrift'] as const),
    ...STORE_FLAGS,
    ...REPORT_FLAGS,
  ],
  examples: [
    ['status -f lab.yaml', 'the links of lab.yaml'],
    ['status --lab ring', 'the links that exist, without a configuration'],
    ['status --all', 'the labs of this host'],
    ['status -f lab.yaml --watch --sort drops', 'the links and what passes through them, again and again'],
    ['status -f lab.yaml --json', 'as JSON, with the key names of `ip -json`'],
  ],
  exitNotes: [
    '0  shown (with --detailed-exitcode: and every link is as wanted)',
    '4  with --detailed-exitcode: something differs',
  ],
  async run(context, options) {
    if (options.store !== undefined) return await (await import('../hosts/up.ts')).statusOnHosts(context, options);
    assertFit(options);
    const [{ isSettled, statusJson, statusPieces }, { withReporter, writeDocument, writePieces }] = await Promise.all([
      import('../../report/status.ts'),
      import('../reporting.ts'),
    ]);
    if (options.live) {
      const { watchStatus } = await import('./watch.ts');
      return await withReporter(context, options, (emit) => watchStatus(context, options, emit));
    }
    if (options.all) return await showLabs(context, options);
    const report = await reportOf(context, options);
    if (options.json) writeDocument(context, statusJson(report));
    else writePieces(context, statusPieces(report, context.out));
    return options.detailedExitcode && !isSettled(report) ? EXIT.differences : EXIT.done;
  },
};

/** Throws E_USAGE where an option is given that only `--watch` has, or one that `--watch` does not have. */
function assertFit(options: Options): void {
  const { live, onlyNode, onlyBridge, onlyDrift, sort, interval, all, detailedExitcode } = options;
  if (live && (all || detailedExitcode)) {
    throw new LinkloomError('E_USAGE', '--watch goes neither with --all nor with --detailed-exitcode');
  }
  const isOfWatch =
    onlyNode.length + onlyBridge.length > 0 || onlyDrift || sort !== undefined || interval !== undefined;
  if (live || !isOfWatch) return;
  throw new LinkloomError('E_USAGE', '--node, --bridge, --drift, --sort and --interval are for --watch', {
    hint: `${commandLine('status', '--watch')} shows the links again and again`,
  });
}

async function reportOf(context: Context, options: Options): Promise<StatusReport> {
  const [{ labNameOf, requestOf }, { withReporter }] = await Promise.all([
    import('../request.ts'),
    import('../reporting.ts'),
  ]);
  const request = requestOf(options, context);
  const isNamedAlone = options.lab !== undefined && !namesFile(options);
  return await withReporter(context, options, async (emit) => {
    if (isNamedAlone) {
      const { statusOfLab } = await import('../../lab/verbs/survey.ts');
      return await statusOfLab(await labNameOf(request), request, emit);
    }
    const { status: statusOf } = await import('../../lab/verbs/status.ts');
    return await statusOf(request, { emit, signal: null });
  });
}

async function showLabs(context: Context, options: Options): Promise<number> {
  const [{ requestOf }, { withReporter, writeDocument }, { labsJson, labsText }, { labsOfHost }] = await Promise.all([
    import('../request.ts'),
    import('../reporting.ts'),
    import('../../report/labs.ts'),
    import('../../lab/verbs/survey.ts'),
  ]);
  const request = requestOf(options, context);
  const labs = await withReporter(context, options, (emit) => labsOfHost(request, emit));
  if (options.json) writeDocument(context, labsJson(labs));
  else context.out.write(labsText(labs, context.out));
  return EXIT.done;
}
