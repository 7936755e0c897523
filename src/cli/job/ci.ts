/** Tells a CI system of a run: where its files are, and where its summary goes. */
import { appendFile } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Event } from '../../events.ts';
import { CiReporter } from '../../report/ci/ci.ts';
import { StepSummary } from '../../report/ci/step-summary.ts';
import { ciSystemOf } from '../../report/ci/system.ts';
import { asLinkloomError } from '../../report/errors.ts';
import { type ReporterOptions, resolveMode } from '../../report/reporter.ts';
import type { Context } from '../verb.ts';

export interface Ci {
  /** Before and after the lines of an event. */
  readonly before: (event: Event) => void;
  readonly after: (event: Event) => void;
  readonly threw: (error: unknown) => void;
  /** Writes the summary. A file that can't be written is told, and is no failure. */
  readonly close: () => Promise<void>;
}

/** null: no CI system runs this. */
export async function ciOf(options: ReporterOptions, { env, err }: Context): Promise<Ci | null> {
  const system = ciSystemOf(env);
  if (system === null) return null;
  // Lines of JSON have no groups, and who wants it quiet wants none.
  const lines =
    resolveMode(options, err) === 'plain'
      ? new CiReporter({ system, fileOf: (file) => inRepository(file, env), now: () => Date.now() }, err)
      : null;
  const path = env['GITHUB_STEP_SUMMARY'];
  const summary = new StepSummary();
  return {
    before: (event) => lines?.before(event),
    after: (event) => {
      lines?.after(event);
      summary.note(event);
    },
    threw: (error) => {
      lines?.threw(asLinkloomError(error));
      summary.threw(asLinkloomError(error));
    },
    close: async () => {
      lines?.close();
      const { text } = summary;
      if (system !== 'github' || !path || text === null) return;
      await appendFile(path, text).catch((error: Error) => {
        err.write(`the summary for GitHub could not be written: ${error.message}\n`);
      });
    },
  };
}

/** A file's path from the repository's root, as annotations want it; null: it is not in it. */
function inRepository(file: string, env: Context['env']): string | null {
  if (file === '-' || file.startsWith('<')) return null;
  const path = relative(env['GITHUB_WORKSPACE'] || process.cwd(), resolve(file));
  return path === '' || path.startsWith('..') || isAbsolute(path) ? null : path;
}
