/** `up` makes the links of a configuration, once, or for as long as it runs. */
import type { UpThrough } from '../../api/client/verbs.ts';
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Summary } from '../../events.ts';
import type { Io } from '../../lab/request.ts';
import type { Session } from '../../lab/session.ts';
import { bareCommandLine, verb } from '../../verb-names.ts';
import { API_FLAGS, NODE_FLAGS, type Options, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Verb } from '../verb.ts';
import { Proving } from './proving.ts';

export const up: Verb = {
  description:
    `Looks at the kernel, compares it with the configuration, and changes what differs: a second ${verb('up')} changes nothing. ` +
    `What ${verb('set')} has changed stays, unless --reset is given. ` +
    'It never touches what linkloom did not make. A link that fails does not stop the others. If other files have made something ' +
    'of the same lab that these files do not describe, that is reported and stays, unless --prune is given. ' +
    'It returns when the commands that it ran in nodes have ended; what they left in the background goes on. Where a daemon has ' +
    'the lab, it asks the daemon to do this.',
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    'prune',
    'wait',
    'watch',
    'reload',
    ...API_FLAGS,
    'rerunCommands',
    'verify',
    'check',
    'allPairs',
    'within',
    'junit',
    'deadline',
    'reset',
    'preflight',
    'trace',
    ...STORE_FLAGS,
    ...REPORT_FLAGS,
  ],
  examples: [
    ['up -f lab.yaml', 'the links of lab.yaml'],
    ['up -f lab.yaml --verify', 'and prove that they go where they should'],
    ['up -f compose.yaml --wait 30', 'and wait up to 30 seconds for containers that are starting'],
    [
      `generate ring --nodes 8 | ${bareCommandLine('up', '--lab ring -f - --json')}`,
      'from another program, the result as JSON',
    ],
  ],
  exitNotes: [
    '0    all links are up, and all commands that were run succeeded',
    '1    a link or a command failed, a node is missing, --verify found a fault, a check failed, or the configuration is invalid',
    '1    --timeout is over: as if interrupted, and what was waited for is named',
    '130  interrupted (143: terminated): what was begun is finished or undone, commands go on, the rest is listed',
  ],
  async run(context, options) {
    if (options.store !== undefined) return await (await import('../hosts/up.ts')).upOnHosts(context, options);
    const [
      { requestOf, statusOfSummary },
      { onHangup, onInterrupt },
      { withReporter, writeDocument },
      { summaryJson },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reporting.ts'),
      import('../../report/summary.ts'),
    ]);
    return await withReporter(context, options, async (emit, links) => {
      const request = requestOf(options, context);
      const proving = await Proving.begin(options);
      if (options.watch) {
        const [{ followLab }, { serveOf, takeNotifySocket }] = await Promise.all([
          import('../../daemon/follow-lab.ts'),
          import('./serve.ts'),
        ]);
        const serve = await serveOf(options);
        const notifySocket = takeNotifySocket(context.env);
        refuseDeadline(options);
        using interrupt = onInterrupt(context, emit, 'stopping, the links stay');
        using hangups = onHangup();
        const following = {
          atEnd: 'leave',
          reload: options.reload,
          onHangup: hangups.listen,
          serve,
          notifySocket,
        } as const;
        await interrupt.whileLoading((tell) =>
          followLab(request, { emit: tell, signal: interrupt.signal, links: links('following') }, following),
        );
        return EXIT.done;
      }
      refuseServing(options);
      const { up: bringUp } = await import('../../lab/verbs/up.ts');
      using interrupt = onInterrupt(context, emit, 'finishing what is under way', { timeoutS: options.deadline });
      const handOver = async (session: Session): Promise<Summary | null> => {
        const { upThrough } = await import('../../api/client/verbs.ts');
        return await upThrough(session, wantedOf(options), emit);
      };
      const work = (io: Io): Promise<Summary> =>
        bringUp(request, options.wait * 1000, io, { afterwards: proving?.onSession(io), handOver });
      const summary = await interrupt.whileLoading(async (tell) => {
        const io = { emit: tell, signal: interrupt.signal, links: links('once') };
        return options.trace === undefined ? await work(io) : await traced(options, io, work);
      });
      await proving?.report(context);
      if (options.json) writeDocument(context, { ...summaryJson('up', summary), ...proving?.part });
      return proving?.hasFaults ? EXIT.failed : statusOfSummary(summary);
    });
  },
};

/** Only what keeps running can serve. */
function refuseServing({ listen, tokenFile }: Options): void {
  if (listen === undefined && tokenFile === undefined) return;
  throw new LinkloomError(
    'E_USAGE',
    `--listen and --token-file are for ${verb('up', '--watch')} and ${verb('daemon')}`,
  );
}

/** What follows a lab has no end. */
function refuseDeadline({ deadline }: Options): void {
  if (deadline === undefined) return;
  throw new LinkloomError('E_USAGE', '--timeout is for what ends by itself, and --watch does not', {
    hint: 'leave out one of them',
  });
}

/** What a daemon is asked for. Throws E_USAGE for what it can't do for somebody else. */
function wantedOf({ wait, rerunCommands, prune, reset, trace }: Options): UpThrough {
  if (trace === undefined) return { waitS: wait, rerunCommands, prune, reset };
  throw new LinkloomError('E_USAGE', 'a daemon has this lab, and the work of a daemon is not traced', {
    hint: `leave --trace out; or stop the daemon, and run ${verb('up')} again`,
  });
}

/** Runs with a trace, which is written even if the run fails. */
async function traced<T>(
  { trace: file = '', json, verify }: Options,
  io: Io,
  work: (io: Io) => Promise<T>,
): Promise<T> {
  await assertWritable('--trace', file, json || verify);
  const { Trace } = await import('../../report/trace.ts');
  const trace = new Trace();
  const emit: Io['emit'] = (event) => {
    trace.note(event);
    io.emit(event);
  };
  try {
    return await work({ ...io, emit, onDispatch: (dispatch) => trace.add(dispatch) });
  } finally {
    await writeOutput('--trace', file, trace.json());
    for (const message of trace.slowest()) io.emit({ type: 'notice', message, isTiming: true });
  }
}
