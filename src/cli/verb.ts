/** The types of a verb, and of what it is given. */

import type { Command } from 'commander';
import type { Sink } from '../report/output.ts';
import type { VerbName } from '../verb-names.ts';
import type { FlagName, Options } from './flags.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The world around a verb, which a test can replace. */
export interface Context {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * The first signal that asked the verb to stop; null before one comes. And whether its time was over, which stops it too; and whether it
   * leaves something behind in this process that still waits, as a connection to a server that does not answer.
   */
  readonly stop: { received: StopSignal | null; isOutOfTime?: boolean; hasLeftovers?: boolean };
  /** Whether linkloom was called without a verb, as conlink is. */
  readonly bare: boolean;
  /** Ends the process at once. Only for a second interrupt. */
  readonly exitNow: (status: number) => never;
}

export interface Argument {
  /** `<node>`, `[command...]`. */
  readonly name: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** An empty word means something. Others are refused where they are empty; what follows a pass-through verb's first is not looked at. */
  readonly mayBeEmpty?: true;
}

/** What is known of a verb before it is loaded: a row of the table in verbs.ts. */
export interface VerbEntry {
  readonly name: VerbName;
  readonly aliases?: readonly string[];
  readonly group: 'Links' | 'Nodes' | 'Configuration' | 'About';
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** Whether it asks commander's tree for all verbs, not only for itself. */
  readonly describesAll?: true;
  readonly load: () => Promise<Verb>;
}

/** What the file of a verb says. */
export interface Verb {
  /** Whole sentences, for the verb's own help; the summary if absent. */
  readonly description?: string;
  readonly arguments?: readonly Argument[];
  readonly flags: readonly FlagName[];
  /** Command lines without the program's name, and what they do. */
  readonly examples: readonly (readonly [line: `${VerbName | '--'}${string}`, effect: string])[];
  /** The exit statuses that mean something particular for the verb. */
  readonly exitNotes?: readonly string[];
  /** Whether everything after the first argument belongs to a program, and is not parsed as options. */
  readonly passThrough?: true;
  /** Runs the verb. Returns the exit status; throws LinkloomError. `command` is the verb in commander's tree. */
  readonly run: (context: Context, options: Options, args: readonly string[], command: Command) => Promise<number>;
}

export type LoadedVerb = VerbEntry & Verb;
