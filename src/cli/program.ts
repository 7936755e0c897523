/** Builds commander's tree of verbs: options, help, suggestions. */
import {
  Command,
  Argument as CommanderArgument,
  InvalidArgumentError,
  Option,
  type OutputConfiguration,
} from 'commander';
import type { Sink } from '../report/output.ts';
import { applyEnvironment, variablesOf } from './environment.ts';
import { type Flag, listOf, readerOf } from './flags/flag.ts';
import { FLAGS, type FlagName, type Options } from './flags.ts';
import { helpTail, ROOT_TAIL } from './help.ts';
import type { Context, LoadedVerb, VerbEntry } from './verb.ts';

const DESCRIPTION = `Makes the links of large emulated networks, between containers and network namespaces,
from a declarative description. Without a verb it runs the daemon, with conlink's options.`;

/** Called with the exit status of the verb that ran. */
export type OnDone = (status: number) => void;

/**
 * Builds the tree. Verbs that are not loaded are in it by name and summary alone: that is enough for the list of verbs. Parsing errors
 * are written to `err`, then thrown as CommanderError.
 */
export function buildProgram(verbs: readonly (VerbEntry | LoadedVerb)[], context: Context, onDone: OnDone): Command {
  const program = new Command('linkloom');
  program
    .description(DESCRIPTION)
    .usage('VERB [options]')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this, or the help of a verb')
    .helpCommand('help [verb]', 'show the help of a verb')
    .enablePositionalOptions()
    .configureOutput(outputOf(context.out, context.err))
    .configureHelp({ showGlobalOptions: false, styleTitle: (title) => context.out.paint('bold', title) })
    .exitOverride()
    .addHelpText('after', ROOT_TAIL);
  for (const verb of verbs) {
    const command = addEntry(program, verb);
    if ('run' in verb) describe(command, verb, context, onDone);
  }
  // What other tools call a verb is known better in hints.ts; for options, commander's own guesses stay.
  program.showSuggestionAfterError(false);
  return program;
}

function addEntry(program: Command, { name, aliases = [], summary, group }: VerbEntry): Command {
  return program.command(name).aliases(aliases).summary(summary).helpGroup(`${group}:`);
}

function describe(command: Command, verb: LoadedVerb, context: Context, onDone: OnDone): void {
  command
    .description(verb.description ?? verb.summary)
    .helpOption('-h, --help', 'show this')
    .configureHelp({ ...command.configureHelp(), optionDescription: describeOption })
    .addHelpText('after', helpTail(verb));
  if (verb.passThrough) command.passThroughOptions();
  for (const [at, { name, description, choices, mayBeEmpty }] of (verb.arguments ?? []).entries()) {
    const argument = new CommanderArgument(name, description);
    const isNamed = at === 0 || !verb.passThrough;
    if (isNamed && !mayBeEmpty) argument.argParser((value, previous) => wordIn(argument, value, previous));
    command.addArgument(choices ? argument.choices(choices) : argument);
  }
  for (const name of verb.flags) command.addOption(optionOf(name));
  command.action(async () => {
    applyEnvironment(command, context.env);
    const args = command.processedArgs.flat().filter((word) => word !== undefined);
    onDone(await attempt(verb, context, withNeutral(command.opts()), args, command));
  });
}

async function attempt(
  verb: LoadedVerb,
  context: Context,
  options: Options,
  args: readonly string[],
  command: Command,
): Promise<number> {
  try {
    return await verb.run(context, options, args, command);
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error, context, options);
  }
}

/** Gives options that were left out their neutral value, so that verbs need not check. */
function withNeutral(given: Partial<Options>): Options {
  const neutral = {
    file: [],
    networkFile: [],
    composeFile: [],
    envFile: [],
    profile: [],
    image: [],
    nodeImage: [],
    frrNodes: [],
    address: [],
    port: [],
    path: [],
    group: [],
    onlyNode: [],
    onlyLink: [],
    onlyKind: [],
    onlyBridge: [],
    checkFrom: [],
    onlyDrift: false,
    live: false,
    keepVethOffload: false,
    watch: false,
    offline: false,
    prune: false,
  };
  const off = {
    all: false,
    allPairs: false,
    check: false,
    apiSchema: false,
    composeSchema: false,
    playSchema: false,
    dryRun: false,
    allNodes: false,
    ansible: false,
    untilLinks: false,
    healthy: false,
    showConfig: false,
    ports: false,
    detailedExitcode: false,
    json: false,
    verbose: false,
    rootless: false,
  };
  const defaults = Object.fromEntries(
    Object.entries(FLAGS).flatMap(([name, flag]) => ('default' in flag ? [[name, flag.default]] : [])),
  );
  return { ...neutral, ...off, ...defaults, ...given } as Options;
}

function optionOf(name: FlagName): Option {
  const flag: Flag = FLAGS[name];
  const option = new Option(flag.flags, flag.description).helpGroup(`${flag.group}:`);
  // By its name here: two verbs may mean different things by `--all`.
  option.attributeName = () => name;
  if (flag.default !== undefined) option.default(flag.default);
  if (flag.choices) option.choices(flag.choices);
  if ((option.required || option.optional) && !flag.choices) option.argParser(readerOf(flag));
  return option;
}

/** A word of an argument, behind the earlier ones of a list. Throws InvalidArgumentError for an empty one, which names nothing. */
function wordIn({ variadic }: CommanderArgument, value: string, previous: unknown): string | readonly string[] {
  if (value === '') throw new InvalidArgumentError('It must not be empty.');
  return variadic ? [...listOf(previous), value] : value;
}

/** An option's help: `what it does (one of a, b; default: a; env: LINKLOOM_X)`. */
function describeOption(option: Option): string {
  const facts: string[] = [];
  if (option.argChoices) facts.push(`one of ${option.argChoices.join(', ')}`);
  // `--no-…` says itself what is so without it.
  if (option.defaultValue !== undefined && !option.negate) facts.push(`default: ${option.defaultValue}`);
  const variables = variablesOf(option);
  if (variables.length > 0) facts.push(`env: ${variables.join(', ')}`);
  return facts.length === 0 ? option.description : `${option.description} (${facts.join('; ')})`;
}

function outputOf(out: Sink, err: Sink): OutputConfiguration {
  const width = (sink: Sink): number | undefined => (sink.isTTY ? Math.min(sink.columns(), 120) : 100);
  return {
    writeOut: out.write,
    writeErr: err.write,
    getOutHelpWidth: () => width(out) ?? 100,
    getErrHelpWidth: () => width(err) ?? 100,
    outputError: (text, write) => write(text.replace(/^error: /, `${err.paint('red', 'linkloom:')} `)),
  };
}
