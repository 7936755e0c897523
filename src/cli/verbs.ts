/** Lists all verbs, in the order of the help. */
import type { VerbName } from '../verb-names.ts';
import { completion } from './about/completion.ts';
import { version } from './about/version.ts';
import { capture } from './capture/capture.ts';
import { config } from './files/config.ts';
import { generate } from './files/generate.ts';
import { graph } from './files/graph.ts';
import { importVerb } from './files/import.ts';
import { mdc } from './files/mdc.ts';
import { schema } from './files/schema.ts';
import { validate } from './files/validate.ts';
import { bench } from './lab/bench.ts';
import { daemon } from './lab/daemon.ts';
import { doctor } from './lab/doctor.ts';
import { down } from './lab/down.ts';
import { events } from './lab/events.ts';
import { health } from './lab/health.ts';
import { plan } from './lab/plan.ts';
import { reset } from './lab/reset.ts';
import { set } from './lab/set.ts';
import { status } from './lab/status.ts';
import { up } from './lab/up.ts';
import { verify } from './lab/verify.ts';
import { cp } from './node/cp.ts';
import { exec } from './node/exec.ts';
import { inventory } from './node/inventory.ts';
import { logs } from './node/logs.ts';
import { restart } from './node/restart.ts';
import { shell } from './node/shell.ts';
import { wait } from './node/wait.ts';
import type { Verb } from './verb.ts';

/** One verb for each name, so that every verb that messages can name exists. */
const BY_NAME = {
  ...{ up, down, plan, status, set, reset, verify, events, doctor, daemon, health, bench },
  ...{ capture },
  ...{ exec, shell, logs, cp, restart, wait, inventory },
  ...{ validate, config, schema, generate, import: importVerb, graph, mdc },
  ...{ completion, version },
} as const satisfies Readonly<Record<VerbName, Verb>>;

export const VERBS: readonly Verb[] = Object.values(BY_NAME);

/** The verb of a name or of an alias. */
export function findVerb(word: string | undefined): Verb | undefined {
  return word === undefined ? undefined : VERBS.find(({ name, aliases }) => word === name || aliases?.includes(word));
}
