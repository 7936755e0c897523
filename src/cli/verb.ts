/** What a verb is, and what it is given. */

import type { Command } from 'commander';
import type { Sink } from '../report/output.ts';
import type { VerbName } from '../verb-names.ts';
import type { FlagName, Options } from './flags.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The world around a verb, so that a test can give its own. */
export interface Context {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The first signal that asked the verb to stop, once it came. */
  readonly stop: { received: StopSignal | null };
  /** Whether it was called without a verb, conlink's way. */
  readonly bare: boolean;
  /** End the process at once: only for a second interrupt. */
  readonly exitNow: (status: number) => never;
}

export interface Argument {
  /** `<node>`, `[command...]`. */
  readonly name: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

export interface Verb {
  readonly name: VerbName;
  readonly aliases?: readonly string[];
  readonly group: 'Links' | 'Nodes' | 'Configuration' | 'About';
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** Whole sentences, for the verb's own help; the summary if absent. */
  readonly description?: string;
  readonly arguments?: readonly Argument[];
  readonly flags: readonly FlagName[];
  /** Command lines without the program's name, and what they do. */
  readonly examples: readonly (readonly [line: `${VerbName | '--'}${string}`, effect: string])[];
  /** What of exit statuses is particular to the verb. */
  readonly exitNotes?: readonly string[];
  /** Everything after the first argument belongs to a program: it is not parsed as options. */
  readonly passThrough?: true;
  /** Returns the exit status; throws LinkloomError. `command` is the verb in commander's tree. */
  readonly run: (context: Context, options: Options, args: readonly string[], command: Command) => Promise<number>;
}
