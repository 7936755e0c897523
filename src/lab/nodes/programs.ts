/** The programs of `run:`: the lab's supervisor is told which to run, and whether they stay is looked at for a moment. */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../../errors.ts';
import type { Failure } from '../../events.ts';
import { argvOf } from '../../runtime/command.ts';
import { applyPrograms, programsOf } from '../../supervisor/client.ts';
import { logPath } from '../../supervisor/files.ts';
import { lastLine } from '../../supervisor/log-file.ts';
import type { ProgramEnd, ProgramSpec, ProgramState } from '../../supervisor/program.ts';
import type { Topology } from '../../topology/topology.ts';
import { commandLine } from '../../verb-names.ts';

/** How long a program that was just started is looked at. Most that can't run have ended by then. */
const WATCH_MS = 1000;
const LOOK_MS = 25;

/** The failure of a node whose program does not run. */
export interface ProgramFailure {
  /** NODE. */
  readonly node: string;
  readonly failure: Failure;
}

/** The programs that a configuration asks for. */
export function programsWanted({ nodes = [] }: Pick<Topology, 'nodes'>): readonly ProgramSpec[] {
  return nodes.flatMap(({ kind, name: node, realName: netns, run }) =>
    kind === 'netns'
      ? run.map(({ name, command, env, restart }) => ({ node, netns, name, argv: argvOf(command), env, restart }))
      : [],
  );
}

/**
 * Makes a lab run exactly the programs that are described. Their namespaces have to be there. Returns a failure for each node that
 * has programs if the supervisor can't be started.
 */
export async function runPrograms(topology: Pick<Topology, 'lab' | 'nodes'>): Promise<readonly ProgramFailure[]> {
  const wanted = programsWanted(topology);
  try {
    await applyPrograms(topology.lab, wanted);
    return [];
  } catch (error) {
    if (!(error instanceof LinkloomError) || wanted.length === 0) throw error;
    const { code, message, hint } = error;
    return [...new Set(wanted.map(({ node }) => node))].map((node) => ({
      node,
      failure: { subject: { kind: 'node', name: node }, code, message, ...(hint !== undefined && { hint }) },
    }));
  }
}

/**
 * Watches the programs that were started in the last moment, each for a second at most, and returns a failure for each program that
 * does not run although it is to run, or that has ended with a failure. Returns at once if all programs have run for longer. `nodes`:
 * only programs of these; default: of all.
 */
export async function watchPrograms(
  lab: string,
  signal: AbortSignal | null,
  nodes: ReadonlySet<string> | null = null,
): Promise<readonly ProgramFailure[]> {
  const failed = new Map<string, ProgramFailure>();
  for (const deadlineMs = performance.now() + WATCH_MS; ; await delay(LOOK_MS)) {
    const states = programsOf(lab).filter(({ spec }) => nodes?.has(spec.node) ?? true);
    for (const state of states)
      if (isFailed(state)) failed.set(`${state.spec.node} ${state.spec.name}`, told(lab, state));
    if (!states.some(isYoung) || signal?.aborted || performance.now() > deadlineMs) return [...failed.values()];
  }
}

/** Whether a program was started in the last moment, and has not ended since. */
function isYoung(state: ProgramState): boolean {
  return state.begunAt !== null && !hasEnded(state) && Date.now() - Date.parse(state.begunAt) < WATCH_MS;
}

/** Whether a program has ended since it was last started. */
export function hasEnded({ process, begunAt, lastEnd }: ProgramState): boolean {
  return process === null && lastEnd !== null && (begunAt === null || lastEnd.at >= begunAt);
}

/** A program that is to run for ever fails by its end alone. */
function isFailed(state: ProgramState): boolean {
  return hasEnded(state) && (state.spec.restart === 'always' || state.lastEnd?.status !== 0);
}

function told(lab: string, state: ProgramState): ProgramFailure {
  const { spec, lastEnd, restartsAt } = state;
  const again = restartsAt === null ? '' : ', and is started again';
  const words = lastLine(logPath(lab, spec));
  const message = `its program ${spec.name} ${endText(lastEnd)}${again}; ${words === null ? 'it wrote nothing' : `its last words: ${words}`}`;
  const hint =
    lastEnd?.status === 0
      ? 'a program of `run:` has to stay in the foreground: most servers have an option for that'
      : `${commandLine('logs', `--lab ${lab} ${spec.node}`)} shows its log, ${logPath(lab, spec)}`;
  return {
    node: spec.node,
    failure: { subject: { kind: 'node', name: spec.node }, code: 'E_NODE_FAILED', message, hint },
  };
}

/** `ended with status 3`, `was ended by SIGKILL`, `could not be started: …`. */
export function endText(end: ProgramEnd | null): string {
  if (end === null) return 'has ended';
  const { status, signal, error } = end;
  if (error !== null) return `could not be started: ${error}`;
  if (signal !== null) return `was ended by ${signal}`;
  return status === null ? 'has ended, unseen' : `ended with status ${status}`;
}
