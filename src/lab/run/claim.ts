/** Makes a lab this run's own, before anything of it is made. */
import { type ErrorCode, LinkloomError } from '../../errors.ts';
import { netnsNameOf } from '../../net/ns-id.ts';
import type { Plan } from '../../plan/plan.ts';
import { netnsAlias, shardName } from '../../plan/switch/placement.ts';
import { subjectText } from '../../subject.ts';
import { verb } from '../../verb-names.ts';
import { BY_ITSELF } from '../../wire/apply.ts';
import type { Session } from '../session.ts';
import { forgetOwner, markedWith, noteOwner, ownersNoted, thisOwner } from './owner.ts';

/**
 * Notes that the session's lab belongs to this process, and makes its first switch namespace, whose mark says the same. Needs the
 * lab's lock, and is preceded by `sweep`. Throws E_CLASH if there is such a lab already: `run` would take away what it did not make.
 */
export async function claim({ workers, side, topology: { lab } }: Session): Promise<void> {
  const ns = shardName(lab, 0);
  const name = netnsNameOf(ns);
  if (workers.namedNamespaces().includes(name) || ownersNoted().has(lab)) throw taken(lab);
  const owner = thisOwner();
  noteOwner(lab, owner);
  // In a container that has the switch side in its own namespace there is no namespace to mark.
  if (side === 'own') return;
  const alias = markedWith(owner, netnsAlias(lab, name));
  const op = { op: 'netns.add', ns, link: null, cause: 'a run begins', role: 'switch', alias, lab } as const;
  const { jobs } = await workers.ask({ task: 'apply', jobs: [{ ns, inode: null, ops: [op] }], ...BY_ITSELF });
  const failure = jobs[0]?.failures[0];
  // What keeps the namespace from being made keeps the lab from being made too, and is told there, in full.
  if (failure?.errnoName === 'EEXIST') {
    forgetOwner(lab);
    throw taken(lab);
  }
}

function taken(lab: string): LinkloomError {
  return new LinkloomError('E_CLASH', `the lab ${lab} is there already, and a run would take it away at its end`, {
    hint: `leave --lab out, so that the run has a name of its own; or remove that lab: ${verb('down', `--lab ${lab}`)}`,
  });
}

const IN_THE_WAY: ReadonlySet<ErrorCode> = new Set(['E_FOREIGN_DEVICE']);

/** Throws E_CLASH if devices of others are in the way of the plan: then nothing is made. */
export function refuseOthers({ failures }: Pick<Plan, 'failures'>): void {
  const first = failures.find(({ code }) => IN_THE_WAY.has(code));
  if (first === undefined) return;
  throw new LinkloomError('E_CLASH', `${subjectText(first.subject)}: ${first.message}`, { hint: SIDE_BY_SIDE });
}

/** Why two runs of one file can be in each other's way, and what to do. */
export const SIDE_BY_SIDE =
  'names of `netns:` are those of the host, so labs with the same ones can not stand side by side; entries of `nodes:` are each lab’s own';
