/** `set` and `reset` with --store: each host does it for its own links. */
import { setReportIn } from '../../api/client/verbs.ts';
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Answered } from '../../hosts/verbs/ask.ts';
import type { SetReport } from '../../lab/override/report.ts';
import type { SetRequest } from '../../lab/override/set-links.ts';
import { settingsWritten } from '../../lab/override/settings.ts';
import type { Options } from '../flags.ts';
import { writeDocument } from '../reporting.ts';
import { labNameOf, requestOf } from '../request.ts';
import type { Context } from '../verb.ts';
import { withStore } from './store.ts';

/** A host sets links within a moment; a pass that is under way is waited for. */
const SET_MS = 30_000;

export async function setOnHosts(context: Context, options: Options, asked: SetRequest): Promise<number> {
  const { links, settings, both } = asked;
  const questionOf = (link: string): object => ({ links: [link], ...settingsWritten(settings), both });
  return await changeOnHosts(context, options, 'set', links, questionOf);
}

export async function resetOnHosts(context: Context, options: Options, links: readonly string[]): Promise<number> {
  return await changeOnHosts(context, options, 'reset', links, (link) => ({ links: [link] }));
}

async function changeOnHosts(
  context: Context,
  options: Options,
  step: 'set' | 'reset',
  links: readonly string[],
  questionOf: (link: string) => object,
): Promise<number> {
  const [{ askForEach, askHosts }, report] = await Promise.all([
    import('../../hosts/verbs/ask.ts'),
    import('../../report/override/override.ts'),
  ]);
  return await withStore(context, options, null, async ({ store, emit }) => {
    const lab = await labNameOf(requestOf(options, context));
    const answers =
      links.length > 0
        ? await askForEach(store, lab, step, links, questionOf, SET_MS)
        : await askHosts(store, lab, step, { links: [] }, SET_MS);
    refuseSilence(answers);
    const reports = answers.map(({ answer }) => setReportIn(answer as object, step, emit));
    const whole: SetReport = {
      lab,
      ends: reports.flatMap(({ ends }) => ends),
      missing: reports.flatMap(({ missing }) => missing),
      failures: reports.flatMap(({ failures }) => failures),
    };
    if (options.json) writeDocument(context, report.setJson(step, whole));
    else emit({ type: 'notice', message: report.setText(step, whole) });
    return whole.failures.length > 0 ? EXIT.failed : EXIT.done;
  });
}

/** Throws the error of a host that has not done what was asked. */
function refuseSilence(answers: readonly Answered[]): void {
  const failed = answers.find(({ error }) => error !== null);
  if (failed?.error == null) return;
  const { code, message, hint } = failed.error;
  throw new LinkloomError(code, `host ${failed.host}: ${message}`, hint === undefined ? {} : { hint });
}
