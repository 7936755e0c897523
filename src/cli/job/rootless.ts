/**
 * `run --rootless`: the same command line once more, as root of a user namespace (user_namespaces(7)), with a network and a mount namespace
 * of its own. There /run is an empty tmpfs, and so is /etc/netns if there is one, as an ordinary user can't write in those of the machine.
 */
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { LinkloomError } from '../../errors.ts';
import { processesWith } from '../../runtime/process.ts';
import type { Context } from '../verb.ts';
import { watchParent } from './parent.ts';
import { RunningProgram } from './program.ts';

/** Set in the environment of all that runs inside; its value is of one run alone. */
const INSIDE = 'LINKLOOM_ROOTLESS_RUN';
/** The options of unshare(1). */
const NAMESPACES = ['--user', '--map-root-user', '--net', '--mount'] as const;
const HINT =
  'see user.max_user_namespaces, kernel.unprivileged_userns_clone and, with AppArmor, kernel.apparmor_restrict_unprivileged_userns; ' +
  'in a container, its seccomp profile';

/** Whether this process is the one inside. */
export function isInside({ env }: Pick<Context, 'env'>): boolean {
  return env[INSIDE] !== undefined && process.geteuid?.() === 0;
}

/** Runs this command line inside, and returns its status. Throws E_TOOL without unshare(1), E_PRIVILEGE where the kernel refuses. */
export async function runInside({ env, stop }: Context): Promise<number> {
  await tool(['unshare', ...NAMESPACES, '--', 'true'], 'this user may not make namespaces', HINT);
  const mark = `${process.pid}.${Date.now()}`;
  const argv = ['unshare', ...NAMESPACES, '--', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // What is inside ends its program itself, and then takes the lab away.
  const inside = new RunningProgram(argv, { ...env, [INSIDE]: mark }, null);
  const pass = (name: NodeJS.Signals): void => {
    stop.received ??= name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    inside.end(name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  };
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  using _parent = watchParent(() => pass('SIGTERM'));
  try {
    return await inside.ended;
  } finally {
    process.off('SIGINT', pass);
    process.off('SIGTERM', pass);
    endLeft(mark);
  }
}

/** Where what was inside has been killed, its processes would hold the namespaces. */
function endLeft(mark: string): void {
  for (const { pid } of processesWith(`${INSIDE}=${mark}`, false)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Makes the namespaces ready for a lab, from inside. Throws E_TOOL and E_PRIVILEGE. */
export async function prepareInside(): Promise<void> {
  const hint = 'run without --rootless as root; or see what keeps a user namespace from mounting here';
  for (const path of ['/run', '/etc/netns'].filter((one) => existsSync(one))) {
    const argv = ['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'linkloom', path];
    await tool(argv, `a tmpfs could not be mounted on ${path}`, hint);
  }
  await tool(['ip', 'link', 'set', 'lo', 'up'], 'lo could not be set up', hint);
}

async function tool([program = '', ...args]: readonly string[], what: string, hint: string): Promise<void> {
  const { failed, code, stderr } = await execa(program, args, { reject: false, stdin: 'ignore' });
  if (!failed) return;
  if (code === 'ENOENT') {
    throw new LinkloomError('E_TOOL', `there is no \`${program}\` in PATH`, {
      hint: 'install util-linux and iproute2',
    });
  }
  throw new LinkloomError('E_PRIVILEGE', `${what}: ${stderr.trim()}`, { hint });
}
