/** `doctor`: what this machine can do, and whether a lab fits on it. */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, namesFile, REPORT_FLAGS, SOURCE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const doctor: Verb = {
  description:
    'Shows the kernel, its features and limits, capabilities and container engines. With a configuration it also says what ' +
    'of it is in the way of that lab, with the command that helps, how much memory the lab needs, and how long `up` and ' +
    '`down` will take. `up` looks at the same before it touches anything, unless --no-preflight is given. Nothing is changed.',
  flags: [...SOURCE_FLAGS, ...NODE_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['doctor', 'this machine'],
    ['doctor -f lab.yaml', 'this machine and the lab of lab.yaml'],
    ['doctor -f lab.yaml --json', 'as JSON, each finding with its code and its links'],
  ],
  exitNotes: [
    '0  nothing is in the way (there may be warnings)',
    '1  there are errors, or the configuration is invalid',
    '3  not all could be looked at: a privilege is missing, or no container engine answers',
  ],
  async run(context, options) {
    const [{ requestOf }, { withReporter, writeDocument }, { doctorJson, doctorText }, { doctor: examine }] =
      await Promise.all([
        import('../request.ts'),
        import('../reporting.ts'),
        import('../../report/machine/doctor.ts'),
        import('../../lab/verbs/doctor.ts'),
      ]);
    const request = requestOf(options, context);
    const checkup = await withReporter(context, options, (emit) =>
      examine(namesFile(options) ? request : null, request, emit),
    );
    if (options.json) writeDocument(context, doctorJson(checkup));
    else context.out.write(doctorText(checkup, context.out));
    if (checkup.isBlind) return EXIT.environment;
    return checkup.findings.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.done;
  },
};
