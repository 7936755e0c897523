/** Runs one command line and returns its exit status. It never throws, and never ends the process. */
import { EXIT } from '../errors.ts';
import { asksVersion, printVersion } from './about/plain-version.ts';
import type { Context, LoadedVerb, VerbEntry } from './verb.ts';
import { findVerb, loadVerbs, VERBS } from './verbs.ts';

/** Options of `linkloom` itself, which need no verb. */
const ROOT_OPTIONS: readonly string[] = ['-h', '--help', '-V', '--version'];

/** Whether the words begin with no verb, as conlink is called. */
export function isBare(words: readonly string[]): boolean {
  const [first] = words;
  return first === undefined || (first.startsWith('-') && !ROOT_OPTIONS.includes(first));
}

/** Runs one command line. Usage errors have the status 2, whatever commander would choose. */
export async function run(given: readonly string[], context: Context): Promise<number> {
  if (asksVersion(given, context.env)) return printVersion(context.out);
  const words = given[0] === '-V' || given[0] === '--version' ? ['version', ...given.slice(1)] : given;
  const [first, topic] = words;
  if (first === 'help' && topic !== undefined && !topic.startsWith('-') && topic !== 'help' && !findVerb(topic)) {
    return await unknownHelp(topic, context);
  }
  const entry = findVerb(context.bare ? 'daemon' : first === 'help' ? topic : first);
  return await parse(words, context, entry);
}

/** Loads what the words need, and has commander read them. */
async function parse(words: readonly string[], context: Context, entry: VerbEntry | undefined): Promise<number> {
  const [{ CommanderError: Refusal }, { buildProgram }, loaded] = await Promise.all([
    import('commander'),
    import('./program.ts'),
    loadVerbs(entry === undefined ? [] : entry.describesAll ? VERBS : [entry]),
  ]);
  let status: number = EXIT.done;
  const program = buildProgram(entry === undefined ? VERBS : loaded, context, (done) => {
    status = done;
  });
  try {
    await program.parseAsync(context.bare ? ['daemon', ...words] : [...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof Refusal) {
      if (error.exitCode === 0) return EXIT.done;
      const verb = loaded.find(({ name }) => name === entry?.name);
      const { usageHint } = await import('./hints.ts');
      return usageStatus(usageHint(error, { words, bare: context.bare, program, verb }), context, verb);
    }
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, context, { json: false, progress: 'auto' });
  }
}

/** Writes, after commander's message, what was probably meant and where to read more. */
function usageStatus(hint: string, { err, bare }: Context, verb: LoadedVerb | undefined): number {
  const why = bare ? ' (without a verb, options are those of the daemon)' : '';
  err.write(hint);
  err.write(`See \`linkloom ${verb?.name ?? 'VERB'} --help\`${why}, and \`linkloom --help\` for all verbs.\n`);
  return EXIT.usage;
}

/** Handles `help WORD` if WORD is no verb. */
async function unknownHelp(word: string, { err }: Context): Promise<number> {
  const [{ verbHint }, { printable }] = await Promise.all([import('./hints.ts'), import('../report/escape.ts')]);
  err.write(`${err.paint('red', 'linkloom:')} unknown command '${printable(word)}'\n${verbHint(word)}`);
  err.write('See `linkloom --help` for all verbs.\n');
  return EXIT.usage;
}
