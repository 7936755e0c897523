/** From the words of the command line to an exit status. Never throws and never ends the process. */
import { CommanderError } from 'commander';
import { EXIT } from '../errors.ts';
import { buildProgram } from './program.ts';
import type { Context } from './verb.ts';
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
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : usageStatus(context);
    return await failed(error, context, words.includes('--json'));
  }
}

function usageStatus(context: Context): number {
  context.err.write(context.bare ? HINT_BARE : HINT);
  return EXIT.usage;
}

const HINT = 'See `linkloom --help`, or `linkloom VERB --help`.\n';
const HINT_BARE =
  'Without a verb these are the options of the daemon; see `linkloom daemon --help`, and `linkloom --help` for the verbs.\n';

async function failed(error: unknown, context: Context, json: boolean): Promise<number> {
  const { asLinkloomError, errorJson, errorText } = await import('../report/errors.ts');
  const failure = asLinkloomError(error);
  context.err.write(errorText(failure, context.err.paint));
  if (json) context.out.write(`${JSON.stringify(errorJson(failure))}\n`);
  return failure.exitCode;
}
