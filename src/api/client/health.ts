/** Asks a daemon how its lab is. */
import { LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { daemonOf } from './daemon.ts';

/** The document of /readyz. */
export interface Health {
  readonly lab: string;
  readonly ready: boolean;
  readonly passed: boolean;
  readonly lost: readonly string[];
  readonly failing: readonly string[];
  readonly waiting: readonly string[];
}

/** Throws E_NODE_MISSING if no daemon of the lab answers, E_PRIVILEGE where this user may not ask it. */
export async function healthOf(lab: string): Promise<Health> {
  const daemon = await daemonOf(lab);
  if (daemon !== null) return (await daemon.ask('GET', '/readyz')) as Health;
  throw new LinkloomError('E_NODE_MISSING', `no daemon of lab ${lab} answers`, {
    hint: `${commandLine('daemon')} and ${commandLine('up', '--watch')} serve their lab, unless they are given --no-api`,
  });
}
