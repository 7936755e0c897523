/** Runs work with a reporter on standard error. The reporter is closed before anything else is written there. */
import type { Emit, Event, LinkListener } from '../events.ts';
import { joined, jsonPieces } from '../pieces.ts';
import type { Options } from './flags.ts';
import type { Context } from './verb.ts';

/** Who hears of links, of work that is done once or of a lab that is followed; none: nobody. */
export type LinksTold = (how: 'once' | 'following') => LinkListener | undefined;

/** Runs `work` with the function that takes its events. Errors of `work` pass through. */
export async function withReporter<T>(
  context: Context,
  options: Pick<Options, 'progress' | 'verbose'> & Partial<Pick<Options, 'ci'>>,
  work: (emit: Emit, links: LinksTold) => Promise<T>,
): Promise<T> {
  const [{ createReporter }, { ciOf }] = await Promise.all([import('../report/reporter.ts'), import('./job/ci.ts')]);
  const { err, env } = context;
  const isForCi = options.ci ?? false;
  const how = { mode: options.progress, verbose: options.verbose, isForCi, env, now: () => performance.now() };
  const reporter = createReporter(how, err);
  const ci = isForCi ? await ciOf(how, context) : null;
  const emit =
    ci === null
      ? reporter.emit
      : (event: Event): void => {
          ci.before(event);
          reporter.emit(event);
          ci.after(event);
        };
  try {
    return await work(emit, (when) => {
      const hears = reporter.hears[when];
      return hears.size === 0 ? undefined : { hears, tell: emit };
    });
  } catch (error) {
    ci?.threw(error);
    throw error;
  } finally {
    reporter.close();
    await ci?.close();
  }
}

/** Writes a JSON document to standard output, as one line. */
export function writeDocument(context: Context, document: object): void {
  writePieces(context, jsonPieces(document));
  context.out.write('\n');
}

/** Writes a long text to standard output. */
export function writePieces({ out }: Context, pieces: Iterable<string>): void {
  for (const piece of joined(pieces)) out.write(piece);
}
