/** What is known of the programs of `run:`, beside what is described. Reads files of the lab, and changes nothing. */
import type { ProgramReport } from '../../events.ts';
import { isInNetns } from '../../runtime/process.ts';
import { isSupervised, programsOf } from '../../supervisor/client.ts';
import { logPath } from '../../supervisor/files.ts';
import { lastLine } from '../../supervisor/log-file.ts';
import { keyOf, type ProgramSpec, type ProgramState } from '../../supervisor/program.ts';
import { endText, hasEnded } from './programs.ts';

/**
 * A report for each program that is wanted, then for each that is not and is known. `wanted` null: there is no configuration, so
 * nothing differs. `isOffline`: as if no program ran. Needs root, else no program is known.
 */
export function programReports(
  lab: string,
  wanted: readonly ProgramSpec[] | null,
  isOffline = false,
): readonly ProgramReport[] {
  const known = new Map((isOffline ? [] : programsOf(lab)).map((state) => [keyOf(state.spec), state]));
  if (known.size === 0 && (wanted ?? []).length === 0) return [];
  const isAlive = isSupervised(lab);
  const reports = (wanted ?? []).map((spec) => {
    const state = known.get(keyOf(spec));
    known.delete(keyOf(spec));
    return state === undefined
      ? notRun(lab, spec)
      : { ...seen(lab, state, isAlive), ...compared(spec, state, isAlive) };
  });
  const others = [...known.values()].map((state): ProgramReport => {
    const isExtra = wanted !== null;
    const difference = { change: isExtra ? 'end' : null, drift: isExtra ? ['not in the configuration'] : [] } as const;
    return { ...seen(lab, state, isAlive), ...difference };
  });
  return [...reports, ...others];
}

function notRun(lab: string, spec: ProgramSpec): ProgramReport {
  return {
    ...{ node: spec.node, name: spec.name, argv: spec.argv, log: logPath(lab, spec) },
    ...{ state: 'not run', pid: null, restarts: 0, restartsAt: null, end: null, lastWords: null },
    ...{ change: 'start', drift: ['not started'] },
  };
}

function seen(lab: string, state: ProgramState, isAlive: boolean): Omit<ProgramReport, 'change' | 'drift'> {
  const { spec, process, restarts, lastEnd } = state;
  // Without a supervisor nobody starts it.
  const restartsAt = isAlive && process === null ? (state.restartsAt ?? null) : null;
  const log = logPath(lab, spec);
  return {
    ...{ node: spec.node, name: spec.name, argv: spec.argv, log, restarts },
    state: stateOf({ ...state, restartsAt }),
    pid: process?.pid ?? null,
    restartsAt,
    end: lastEnd === null ? null : endText(lastEnd),
    lastWords: process === null ? lastLine(log) : null,
  };
}

function stateOf({ spec, process, restartsAt, lastEnd }: ProgramState): ProgramReport['state'] {
  if (process !== null) return 'running';
  if (restartsAt) return 'restarting';
  return lastEnd?.status === 0 && spec.restart !== 'always' ? 'ended' : 'failed';
}

/** What differs from a program that is wanted, and what `up` does about it. */
function compared(spec: ProgramSpec, state: ProgramState, isAlive: boolean): Pick<ProgramReport, 'change' | 'drift'> {
  const keys = (['argv', 'env', 'restart', 'netns'] as const).filter(
    (key) => JSON.stringify(spec[key]) !== JSON.stringify(state.spec[key]),
  );
  if (keys.length > 0) return { change: 'restart', drift: keys.map((key) => `${WORDS[key]} differs`) };
  const lost = isAlive ? [] : ['its supervisor does not run'];
  if (state.process !== null) {
    if (isInNetns(state.process.pid, spec.netns)) return { change: lost.length > 0 ? 'take over' : null, drift: lost };
    return { change: 'restart', drift: ['it runs in a namespace that has lost its name', ...lost] };
  }
  const isOver =
    hasEnded(state) && (spec.restart === 'no' || (spec.restart === 'on-failure' && state.lastEnd?.status === 0));
  if (!isOver) return { change: 'start', drift: [endText(state.lastEnd), ...lost] };
  return { change: null, drift: state.lastEnd?.status === 0 ? [] : [endText(state.lastEnd)] };
}

const WORDS = { argv: 'command', env: 'env', restart: 'restart', netns: 'namespace' } as const;
