/** From the words of the command line to an exit status. Never throws, and never ends the process. */
import { CommanderError } from 'commander';
import { EXIT } from '../errors.ts';
import { buildProgram } from './program.ts';
import type { Context, Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

/** Words that ask for the root's own help or version. */
const ROOT_OPTIONS: readonly string[] = ['-h', '--help', '-V', '--version'];

/** Whether the words name no verb: conlink's way of calling. */
export function isBare(words: readonly string[]): boolean {
  const [first] = words;
  return first === undefined || (first.startsWith('-') && !ROOT_OPTIONS.includes(first));
}

/** Run one command line. The status of usage errors is 2, whichever commander would choose. */
export async function run(words: readonly string[], context: Context): Promise<number> {
  const [first] = words;
  if (first === '-V' || first === '--version') return run(['version', ...words.slice(1)], context);
  let status: number = EXIT.done;
  const program = buildProgram(VERBS, context, (done) => {
    status = done;
  });
  try {
    await program.parseAsync(context.bare ? ['daemon', ...words] : [...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : usageStatus(context, words);
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, context, { json: false, progress: 'auto' });
  }
}

/** After commander's own words: where to read on. */
function usageStatus(context: Context, words: readonly string[]): number {
  const [first] = words;
  const verb = verbIn(first)?.name ?? (context.bare ? 'daemon' : 'VERB');
  const late = context.bare ? words.find((word) => verbIn(word)) : undefined;
  if (late !== undefined) context.err.write(`The verb comes first: linkloom ${late} …\n`);
  const why = context.bare ? ' (without a verb, options are those of the daemon)' : '';
  context.err.write(`See \`linkloom ${verb} --help\`${why}, and \`linkloom --help\` for all verbs.\n`);
  return EXIT.usage;
}

function verbIn(word: string | undefined): Verb | undefined {
  return word === undefined ? undefined : VERBS.find(({ name, aliases }) => word === name || aliases?.includes(word));
}
