/** Runs one command line and returns its exit status. It never throws, and never ends the process. */
import { type Command, CommanderError } from 'commander';
import { EXIT } from '../errors.ts';
import { printable } from '../report/escape.ts';
import { buildProgram } from './program.ts';
import type { Context } from './verb.ts';
import { findVerb, VERBS } from './verbs.ts';

/** Options of `linkloom` itself, which need no verb. */
const ROOT_OPTIONS: readonly string[] = ['-h', '--help', '-V', '--version'];

/** Whether the words begin with no verb, as conlink is called. */
export function isBare(words: readonly string[]): boolean {
  const [first] = words;
  return first === undefined || (first.startsWith('-') && !ROOT_OPTIONS.includes(first));
}

/** Runs one command line. Usage errors have the status 2, whatever commander would choose. */
export async function run(words: readonly string[], context: Context): Promise<number> {
  const [first] = words;
  if (first === '-V' || first === '--version') return run(['version', ...words.slice(1)], context);
  const [, topic] = words;
  if (first === 'help' && topic !== undefined && !topic.startsWith('-') && topic !== 'help' && !findVerb(topic)) {
    return await unknownHelp(topic, context);
  }
  let status: number = EXIT.done;
  const program = buildProgram(VERBS, context, (done) => {
    status = done;
  });
  try {
    await program.parseAsync(context.bare ? ['daemon', ...words] : [...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? EXIT.done : await usageStatus(error, context, words, program);
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, context, { json: false, progress: 'auto' });
  }
}

/** Writes, after commander's message, what was probably meant and where to read more. */
async function usageStatus(
  error: CommanderError,
  context: Context,
  words: readonly string[],
  program: Command,
): Promise<number> {
  const { usageHint } = await import('./hints.ts');
  const verb = findVerb(words[0])?.name ?? (context.bare ? 'daemon' : 'VERB');
  const why = context.bare ? ' (without a verb, options are those of the daemon)' : '';
  context.err.write(usageHint(error, words, context.bare, program));
  context.err.write(`See \`linkloom ${verb} --help\`${why}, and \`linkloom --help\` for all verbs.\n`);
  return EXIT.usage;
}

/** Handles `help WORD` if WORD is no verb. */
async function unknownHelp(word: string, { err }: Context): Promise<number> {
  const { verbHint } = await import('./hints.ts');
  err.write(`${err.paint('red', 'linkloom:')} unknown command '${printable(word)}'\n${verbHint(word)}`);
  err.write('See `linkloom --help` for all verbs.\n');
  return EXIT.usage;
}
