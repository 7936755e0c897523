/**
 * `supervisor/` keeps the `run:` programs of a lab's namespaces running. Each lab has one supervisor process. `up` starts it and
 * tells it over a socket which programs to run. It knows nothing of links. Each program leads a session of its own and writes its
 * log itself. So programs go on if the supervisor is killed, and the next supervisor takes them over.
 *
 * This file: what a program is, and what is known of it.
 */
import type { ProcessId } from '../runtime/process.ts';

export interface ProgramSpec {
  /** NODE. With `name` it identifies the program in later runs. */
  readonly node: string;
  /** The namespace in /run/netns. */
  readonly netns: string;
  /** Unique in its node. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Added to the supervisor's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly restart: 'no' | 'on-failure' | 'always';
}

/** How a program ended the last time. Status and signal are both null if nobody saw it. */
export interface ProgramEnd {
  readonly status: number | null;
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** The state of a program, as it is kept in a file. */
export interface ProgramState {
  readonly spec: ProgramSpec;
  /** null: it does not run. */
  readonly process: ProcessId | null;
  /** When it was last started; null: never. ISO 8601. */
  readonly begunAt: string | null;
  /** When it is started again; null: it runs, or is not. ISO 8601. */
  readonly restartsAt: string | null;
  /** How often it was restarted since it was first asked for. */
  readonly restarts: number;
  readonly lastEnd: ProgramEnd | null;
}

export interface SupervisorState {
  readonly schemaVersion: 1;
  readonly supervisor: ProcessId;
  readonly programs: readonly ProgramState[];
}

/** A request to the supervisor, as one line of JSON. The supervisor answers with one line when it is done. */
export type Request =
  /** Run exactly these programs. A program that has not changed goes on. */
  | { readonly ask: 'apply'; readonly programs: readonly ProgramSpec[] }
  /** Restart the programs of a node. */
  | { readonly ask: 'restart'; readonly node: string }
  /** End all programs, and exit. */
  | { readonly ask: 'end' };

export type Reply = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Environment variable that marks the processes of a program. Child processes inherit it unless they drop it. */
export const PROGRAM_VARIABLE = 'LINKLOOM_PROGRAM';

/** The value of the variable, `LAB NODE NAME`. None of the three contains white space. */
export function programMark(lab: string, { node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${lab} ${keyOf({ node, name })}`;
}

export function keyOf({ node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${node} ${name}`;
}
