/**
 * `supervisor/` keeps the `run:` programs of a lab's namespaces running. One process per lab does that, beside `up`, which starts it and
 * tells it what is wanted over a socket; it knows nothing of links. Programs are sessions of their own that write into their logs
 * themselves: where the supervisor is killed they go on, and the next one takes them over.
 *
 * This file: what a program is, and what is known of it.
 */
import type { ProcessId } from '../runtime/process.ts';

export interface ProgramSpec {
  /** NODE: in messages, and with `name` what makes it the same program in a later run. */
  readonly node: string;
  /** The namespace in /run/netns. */
  readonly netns: string;
  /** Unique in its node. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Beside the environment of who started the supervisor. */
  readonly env: Readonly<Record<string, string>>;
  readonly restart: 'no' | 'on-failure' | 'always';
}

/** How a program ended the last time; both null: nobody saw. */
export interface ProgramEnd {
  readonly status: number | null;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** What is kept in the state's file. */
export interface ProgramState {
  readonly spec: ProgramSpec;
  /** null: it does not run. */
  readonly process: ProcessId | null;
  /** How often it was begun again since it was asked for. */
  readonly restarts: number;
  readonly lastEnd: ProgramEnd | null;
}

export interface SupervisorState {
  readonly schemaVersion: 1;
  readonly supervisor: ProcessId;
  readonly programs: readonly ProgramState[];
}

/** What a supervisor is asked, one line of JSON each; it answers with one line when that is done. */
export type Request =
  /** Bring the programs to these, and no others: what is the same goes on. */
  | { readonly ask: 'apply'; readonly programs: readonly ProgramSpec[] }
  /** Begin the programs of a node anew. */
  | { readonly ask: 'restart'; readonly node: string }
  /** End all, and yourself. */
  | { readonly ask: 'end' };

export type Reply = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** In the environment of a program, and of what that starts as far as it passes it on. */
export const PROGRAM_VARIABLE = 'LINKLOOM_PROGRAM';

/** `LAB NODE NAME`: none of them has white space. */
export function programMark(lab: string, { node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${lab} ${keyOf({ node, name })}`;
}

export function keyOf({ node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${node} ${name}`;
}
