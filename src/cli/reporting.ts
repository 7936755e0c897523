/** Runs work with a reporter on standard error. The reporter is closed before anything else is written there. */
import type { Emit, LinkListener } from '../events.ts';
import type { Options } from './flags.ts';
import type { Context } from './verb.ts';

/** Who hears of links, of work that is done once or of a lab that is followed; none: nobody. */
export type LinksTold = (how: 'once' | 'following') => LinkListener | undefined;

/** Runs `work` with the function that takes its events. Errors of `work` pass through. */
export async function withReporter<T>(
  context: Context,
  options: Pick<Options, 'progress' | 'verbose'>,
  work: (emit: Emit, links: LinksTold) => Promise<T>,
): Promise<T> {
  const { createReporter } = await import('../report/reporter.ts');
  const { err, env } = context;
  const reporter = createReporter(
    { mode: options.progress, verbose: options.verbose, env, now: () => performance.now() },
    err,
  );
  try {
    return await work(reporter.emit, (how) => {
      const hears = reporter.hears[how];
      return hears.size === 0 ? undefined : { hears, tell: reporter.emit };
    });
  } finally {
    reporter.close();
  }
}

/** Writes a JSON document to standard output, as one line. */
export function writeDocument({ out }: Context, document: object): void {
  out.write(`${JSON.stringify(document)}\n`);
}
