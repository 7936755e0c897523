/** Runs `docker compose` on an assembled project, in this terminal. */
import { constants } from 'node:os';
import { LinkloomError } from '../errors.ts';

/** Signals from a terminal or a supervisor. Compose decides what they mean. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Runs `COMMAND… --env-file ENV_FILE ARGS…` with this process's terminal and environment. `command` is DOCKER_COMPOSE, which is
 * split at spaces. Returns the exit status, or 128 + n after signal n. Throws E_TOOL if there is no such program.
 */
export async function runCompose(command: string, envFile: string, args: readonly string[]): Promise<number> {
  const [program = 'docker', ...words] = command.split(/\s+/).filter((word) => word !== '');
  const { execa } = await import('execa');
  // Signals are caught before the child exists, since one may come as soon as it runs. SIGINT is not forwarded: a terminal signals
  // its whole process group, so compose has it already.
  const forward = (signal: NodeJS.Signals): unknown => signal === 'SIGINT' || child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  const child = execa(program, [...words, '--env-file', envFile, ...args], { stdio: 'inherit', reject: false });
  try {
    const result = await child;
    if (result.exitCode !== undefined) return result.exitCode;
    if (result.signal !== undefined) return 128 + (constants.signals[result.signal as NodeJS.Signals] ?? 0);
    throw new LinkloomError('E_TOOL', `cannot run '${program}': ${result.originalMessage ?? 'it did not start'}`, {
      hint: 'install Docker Compose, or let DOCKER_COMPOSE name it (docker-compose, podman compose)',
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
