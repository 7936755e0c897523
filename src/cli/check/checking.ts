/** Checks on the command line: of `check`, and of what brings a lab up. */
import { type CheckReport, hasFailed } from '../../check/report.ts';
import type { CheckRequest } from '../../lab/verbs/check.ts';
import type { Options } from '../flags.ts';
import type { Context } from '../verb.ts';

/** What the options say of checks. */
export function howToCheck(
  {
    allPairs,
    checkFrom,
    within,
    checkTimeout,
    parallel,
  }: Pick<Options, 'allPairs' | 'checkFrom' | 'within' | 'checkTimeout' | 'parallel'>,
  names: readonly string[],
): CheckRequest {
  return {
    ...{ names, allPairs, from: checkFrom, parallel },
    withinMs: within === undefined ? null : within * 1000,
    timeoutMs: checkTimeout === undefined ? null : checkTimeout * 1000,
  };
}

/** Writes what was found, unless there is a JSON document. Whether anything has failed. */
export async function writeChecks(
  context: Context,
  { json, verbose }: Pick<Options, 'json' | 'verbose'>,
  report: CheckReport,
): Promise<boolean> {
  const { checkText } = await import('../../report/check/text.ts');
  if (!json) context.out.write(checkText(report, verbose, context.out));
  return hasFailed(report);
}

/** What the hosts of a lab say of its checks. */
export async function checkedOnHosts(context: Context, options: Options, asked: CheckRequest): Promise<CheckReport> {
  const [{ checkOnHosts }, { withStore }, { labNameOf, requestOf }] = await Promise.all([
    import('../../hosts/verbs/check.ts'),
    import('../hosts/store.ts'),
    import('../request.ts'),
  ]);
  return await withStore(context, options, null, async ({ store }) =>
    checkOnHosts(store, await labNameOf(requestOf(options, context)), asked),
  );
}
