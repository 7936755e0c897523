/**
 * `check/`: the checks of a configuration on the command line.
 *
 * This file: `check` finds out whether a lab does what its file says of it.
 */
import { EXIT } from '../../errors.ts';
import { NODE_FLAGS, REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Verb } from '../verb.ts';
import { checkedOnHosts, howToCheck, writeChecks } from './checking.ts';

export const check: Verb = {
  description:
    'Runs the `checks:` of the configuration, all at the same time: pings, connections and requests of HTTP from node to node, and ' +
    'programs in nodes; each again until it holds or its `within` is over. What is not reached is told with the reason. No program ' +
    'is needed in the nodes, but for checks that name one. --all-pairs tries every node against every other instead. With --store each host ' +
    'tries from its own nodes, as the record of the lab says.',
  arguments: [{ name: '[check...]', description: 'names of checks, or globs; all of the configuration if left out' }],
  flags: [
    ...SOURCE_FLAGS,
    ...NODE_FLAGS,
    ...STORE_FLAGS,
    ...(['allPairs', 'checkFrom', 'within', 'checkTimeout', 'parallel', 'junit'] as const),
    ...REPORT_FLAGS,
  ],
  examples: [
    ['check -f lab.yaml', 'all checks of lab.yaml'],
    ['check -f lab.yaml "web *"', 'some of them'],
    ['check -f lab.yaml --all-pairs --within 60', 'every pair of loopbacks, with a minute for the routes to come'],
    ['check --lab ring --all-pairs --from r1', 'what one node reaches, without a configuration'],
    ['check -f lab.yaml --junit checks.xml', 'and a report for CI'],
  ],
  exitNotes: [
    '0  all of it holds',
    '1  a check failed, a pair was not reached, or the configuration is invalid',
    '130  interrupted (143: terminated)',
  ],
  async run(context, options, names) {
    const [{ requestOf }, { onInterrupt }, { withReporter, writeDocument }, { checkJson }, { check: run }] =
      await Promise.all([
        import('../request.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../report/check/json.ts'),
        import('../../lab/verbs/check.ts'),
      ]);
    if (options.junit !== undefined) await assertWritable('--junit', options.junit, true);
    const asked = howToCheck(options, names);
    const checkHere = () =>
      withReporter(context, options, async (emit) => {
        using interrupt = onInterrupt(context, emit, 'checking no longer');
        return await run(requestOf(options, context), asked, { emit, signal: interrupt.signal });
      });
    const report = await (options.store === undefined ? checkHere() : checkedOnHosts(context, options, asked));
    const totalMs = Math.round(performance.now() * 1000) / 1000;
    if (options.junit !== undefined) {
      const [{ checkSuites }, { junitXml }] = await Promise.all([
        import('../../report/check/json.ts'),
        import('../../report/ci/junit.ts'),
      ]);
      await writeOutput('--junit', options.junit, junitXml(checkSuites(report, totalMs / 1000)));
    }
    const hasFailed = await writeChecks(context, options, report);
    if (options.json) writeDocument(context, checkJson(report, { totalMs }));
    return hasFailed ? EXIT.failed : EXIT.done;
  },
};
