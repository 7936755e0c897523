/**
 * `job/`: a lab for one program, as a CI job wants it.
 *
 * This file: the verb `run`.
 */
import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { Io, Request } from '../../lab/request.ts';
import { commandLine } from '../../verb-names.ts';
import { NODE_FLAGS, type Options, SOURCE_FLAGS } from '../flags.ts';
import type { LinksTold } from '../reporting.ts';
import type { Context, Verb } from '../verb.ts';

/** The status of what fails before or after the program, as of docker run. */
const OWN_FAILURE = 125;

export const run: Verb = {
  description:
    'Makes the lab under a name of its own (that of the configuration and six more letters), proves its wiring, runs its checks, runs the program, ' +
    'and removes the lab: when the program ends, fails, is interrupted, or is never run. The program has this terminal, and in ' +
    'its environment what linkloom needs to find the lab: `linkloom exec NODE`, `linkloom status`. SIGINT and SIGTERM are passed to the ' +
    'program; after five seconds it is killed, and the lab is removed. When the process that called linkloom dies, it is as after SIGTERM. ' +
    'What a killed run has left the next one removes.',
  arguments: [{ name: '[command...]', description: '`--`, then the program and its arguments' }],
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    'wait',
    'proof',
    'checks',
    'allPairs',
    'within',
    'junit',
    'deadline',
    'preflight',
    'rootless',
    'progress',
    'ci',
    'verbose',
  ],
  examples: [
    ['run -f lab.yaml -- pytest tests/', 'tests in a lab of their own'],
    [
      'run -f lab.yaml --wait 60 --junit wiring.xml --timeout 600 -- ./test.sh',
      'with limits, and a report of the proof',
    ],
    ['run -f lab.yaml -- linkloom exec r1 -- ping -c 3 10.0.0.2', 'a program in a node'],
  ],
  exitNotes: [
    'that of the program; 128 and the number of the signal that ended it',
    '125  the lab could not be made, is not as it should be, took too long, or could not be removed',
    '126  the program can not be executed; 127  there is no such program; then no lab is made',
    '2    the command line is wrong',
    '130  interrupted (143: terminated, or its caller has died), and the lab is removed',
  ],
  passThrough: true,
  async run(context, options, argv, command) {
    if (argv.length === 0) {
      throw new LinkloomError('E_USAGE', 'there is no program to run', {
        hint: commandLine('run', '-f lab.yaml -- PROGRAM'),
      });
    }
    const { startFault } = await import('../../lab/with-nodes/executable.ts');
    const fault = await startFault(argv[0] ?? '', context.env['PATH'] ?? '');
    if (fault !== null) {
      context.err.write(`${context.err.paint('red', 'ERROR: ')}${fault.message}\n`);
      return fault.status;
    }
    try {
      if (options.rootless) {
        const { isInside, prepareInside, runInside } = await import('./rootless.ts');
        if (!isInside(context)) return await runInside(context);
        await prepareInside();
      }
      const { withReporter } = await import('../reporting.ts');
      return await withReporter(context, options, (emit, links) =>
        runProgram(context, options, argv, command, emit, links),
      );
    } catch (error) {
      const { reportFailure } = await import('../failure.ts');
      const status = reportFailure(error, context, { json: false, progress: options.progress });
      return statusOfStop(context) ?? (status === EXIT.usage ? status : OWN_FAILURE);
    }
  },
};

async function runProgram(
  context: Context,
  options: Options,
  argv: readonly string[],
  command: Command,
  emit: Emit,
  links: LinksTold,
): Promise<number> {
  const [
    { Proving },
    { onInterrupt },
    { runLab },
    { RunningProgram, hasTerminal },
    { environmentOf },
    { watchParent },
  ] = await Promise.all([
    import('../lab/proving.ts'),
    import('../interrupt.ts'),
    import('../../lab/run/run-lab.ts'),
    import('./program.ts'),
    import('./environment.ts'),
    import('./parent.ts'),
  ]);
  const request = await requestOfRun(options, context, command);
  const proving = await Proving.begin({ ...options, verify: options.proof, check: options.checks && 'if-any' });
  let program: InstanceType<typeof RunningProgram> | null = null;
  let status: number = EXIT.done;
  using interrupt = onInterrupt(context, emit, 'ending what runs, then the lab is removed', {
    timeoutS: options.deadline,
    second: 'ignore',
    // The terminal has sent it to the program too, and what that makes of it is its business.
    isOfOthers: (signal) => signal === 'SIGINT' && program !== null && hasTerminal(),
    onSignal: (signal) => program?.end(signal),
  });
  interrupt.signal.addEventListener('abort', () => program?.end(context.stop.received ?? 'SIGTERM'));
  using _parent = watchParent(() => {
    emit({ type: 'notice', message: 'The process that started this run has ended' });
    process.kill(process.pid, 'SIGTERM');
  });
  const io = (tell: Emit): Io => ({ emit: tell, signal: interrupt.signal, links: links('once') });
  const removed = await interrupt.whileLoading((tell) =>
    runLab(request, io(tell), {
      waitMs: options.wait * 1000,
      afterwards: async (session) => {
        await proving?.onSession(io(tell))(session);
        await proving?.report({ ...context, out: context.err });
      },
      program: async (lab) => {
        if (proving?.hasFaults) {
          throw new LinkloomError('E_LINKS_FAILED', 'the lab does not do what it should, so the program was not run');
        }
        if (interrupt.signal.aborted)
          throw new LinkloomError('E_INTERRUPTED', 'interrupted before the program was run');
        program = new RunningProgram(argv, environmentOf(lab, options, command, context.env));
        status = await program.ended;
        emit({ type: 'ran', lab, argv, status });
        program = null;
        if (interrupt.signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted while the program ran');
      },
    }),
  );
  if (removed.failures.length > 0 && status === EXIT.done) return OWN_FAILURE;
  return status;
}

/** Without --lab the lab has a name that no other run has. */
async function requestOfRun(options: Options, context: Context, command: Command): Promise<Request> {
  const { requestOf } = await import('../request.ts');
  const request = requestOf(options, context);
  const isNamed = command.getOptionValueSource('lab') === 'cli';
  return isNamed ? request : { ...request, load: { ...request.load, labSuffix: randomLetters() } };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 6;

function randomLetters(): string {
  return Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

function statusOfStop({ stop }: Context): number | null {
  if (stop.received === null) return null;
  return stop.received === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
}
