/** `play` does things to the links of a running lab at given times. */
import type { Timeline } from '../../config/play/timeline.ts';
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { PlayReport, StepReport } from '../../lab/play/report.ts';
import type { ForDaemon, PlayRequest } from '../../lab/verbs/play.ts';
import { verb } from '../../verb-names.ts';
import { NODE_FLAGS, type Options, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const play: Verb = {
  description:
    'Reads a timeline: links go down and up, get a delay, loss, a rate or an MTU, in ramps, at random, again and again, until a command ' +
    `succeeds. What can be set is that of ${verb('set')}. Everything is checked before anything is touched; at the end, after a ` +
    'failure and after a signal all links are as they were found. A line tells of each step when it was wanted and when it came.',
  arguments: [{ name: '<file>', description: 'the timeline, YAML or JSON; `-`: standard input' }],
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, 'dryRun', ...REPORT_FLAGS],
  examples: [
    ['play flaky.yaml -f lab.yaml', 'on the lab of lab.yaml'],
    ['play flaky.yaml --lab ring', 'by the marks alone, without a configuration'],
    ['play flaky.yaml -f lab.yaml --dry-run', 'what will be done to which links, and when'],
    ['play flaky.yaml -f lab.yaml --json > play.jsonl', 'a line for each step: wantedMs, firstMs, lastMs'],
  ],
  exitNotes: [
    '0  the timeline is over, and the links are as they were found',
    '1  a step failed, the command of `until` has not succeeded in time, or the timeline is invalid',
    '3  the kernel lacks what a step asks for, or a privilege is missing',
    '130  interrupted (143: terminated), or ended by the API; the links are as they were found',
  ],
  async run(context, options, [file = '']) {
    const [{ requestOf, labNameOf }, { onInterrupt }, { withReporter }, { isNamedAlone }] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/of-lab.ts'),
    ]);
    const asked = requestOf(options, context);
    const request = isNamedAlone(asked) ? { ...asked, load: { ...asked.load, lab: await labNameOf(asked) } } : asked;
    return await withReporter(context, options, async (emit) => {
      const timeline = await timelineOf(file, options, emit);
      const wanted = { timeline, env: context.env };
      if (options.dryRun) return await foretell(context, options, () => rehearse(request, wanted, emit));
      using interrupt = onInterrupt(context, emit, 'putting the links back as they were found');
      return await perform(context, options, { request, wanted, emit, signal: interrupt.signal });
    });
  },
};

/** Throws E_CONFIG, E_USAGE. */
async function timelineOf(file: string, options: Options, emit: Emit): Promise<Timeline> {
  if (file === '-' && [...options.file, ...options.networkFile, ...options.composeFile].includes('-')) {
    throw new LinkloomError('E_USAGE', 'both the timeline and the configuration are standard input', {
      hint: 'give one of them as a file',
    });
  }
  const [{ readText, reasonOf, TooLong }, { readTimeline }, { refuseErrors }] = await Promise.all([
    import('../../config/read.ts'),
    import('../../config/play/read.ts'),
    import('../../lab/load.ts'),
  ]);
  const text = await readText(file).catch((error: unknown) => {
    const why = error instanceof TooLong ? 'it is too large' : reasonOf(error);
    throw new LinkloomError('E_CONFIG', `cannot read ${file === '-' ? 'standard input' : file}: ${why}`);
  });
  const { timeline, diagnostics } = await readTimeline(file === '-' ? '<stdin>' : file, text);
  refuseErrors('E_CONFIG', diagnostics, emit);
  if (timeline === null) throw new TypeError('a timeline without faults is none');
  return timeline;
}

type Request = Parameters<typeof import('../../lab/verbs/play.ts')['play']>[0];

async function rehearse(request: Request, wanted: PlayRequest, emit: Emit) {
  const { rehearsed } = await import('../../lab/verbs/play.ts');
  return await rehearsed(request, wanted, { emit });
}

async function foretell({ out }: Context, options: Options, look: () => ReturnType<typeof rehearse>): Promise<number> {
  const [{ moments }, { foreseenJson, foreseenLine }] = await Promise.all([
    look(),
    import('../../report/play/play.ts'),
  ]);
  for (const moment of moments) {
    out.write(options.json ? `${JSON.stringify(foreseenJson(moment))}\n` : foreseenLine(moment));
  }
  return EXIT.done;
}

interface Asked {
  readonly request: Request;
  readonly wanted: PlayRequest;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

async function perform(context: Context, options: Options, { request, wanted, emit, signal }: Asked): Promise<number> {
  const [verbs, report] = await Promise.all([import('../../lab/verbs/play.ts'), import('../../report/play/play.ts')]);
  const { out } = context;
  const onStep = (step: StepReport): void => {
    out.write(options.json ? `${JSON.stringify(report.stepJson(step))}\n` : report.stepLine(step, out.paint));
  };
  const io = { emit, signal, onStep };
  const handOver = async (given: ForDaemon): Promise<PlayReport | null> => {
    const { playThrough } = await import('../../api/client/playing.ts');
    return await playThrough(given, wanted.timeline, io);
  };
  const done = await verbs.play(request, wanted, { ...io, handOver });
  if (options.json) out.write(`${JSON.stringify(report.playJson(done))}\n`);
  else emit({ type: 'notice', message: report.playText(done) });
  if (done.failures.length > 0) return EXIT.failed;
  if (done.end === 'finished' && wanted.timeline.until !== null) {
    const message = `the command of until has not succeeded; the links of lab ${done.lab} are as they were found`;
    throw new LinkloomError('E_TIMEOUT', message, { hint: 'give more rounds with repeat, or `repeat: forever`' });
  }
  if (done.end === 'interrupted') {
    throw new LinkloomError('E_INTERRUPTED', `interrupted; the links of lab ${done.lab} are as they were found`);
  }
  return EXIT.done;
}
