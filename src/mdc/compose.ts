/** Run `docker compose` on an assembled project, in this terminal. */
import { constants } from 'node:os';
import { LinkloomError } from '../errors.ts';

/** Signals that a terminal or a supervisor sends; compose decides what they mean. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * `COMMAND… --env-file ENV_FILE ARGS…` with this process's terminal and environment, and its exit status (128 + n after
 * signal n). `command` is DOCKER_COMPOSE, apart at spaces. Throws E_TOOL if there is no such program.
 */
export async function runCompose(command: string, envFile: string, args: readonly string[]): Promise<number> {
  const [program = 'docker', ...words] = command.split(/\s+/).filter((word) => word !== '');
  const { execa } = await import('execa');
  // Listened for before there is a child: it may be told to end as soon as it runs.
  // A terminal signals its whole process group: SIGINT has reached compose already.
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
