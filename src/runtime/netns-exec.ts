/** Programs in named namespaces, run as `ip netns exec` runs them (with /sys and /etc/netns/NAME of the namespace). */
import type { Runner } from './command.ts';

/** Takes the namespace's name for the id. The name is checked at load, so it is never an option. Needs CAP_SYS_ADMIN and iproute2. */
export const netnsRunner: Runner = {
  async exec(name, argv, { onOutput, signal }) {
    const { execa } = await import('execa');
    const child = execa('ip', ['netns', 'exec', name, ...argv], {
      reject: false,
      buffer: false,
      encoding: 'buffer',
      stdin: 'ignore',
      ...(signal ? { cancelSignal: signal } : {}),
    });
    child.stdout.on('data', (bytes: Buffer) => onOutput('stdout', bytes));
    child.stderr.on('data', (bytes: Buffer) => onOutput('stderr', bytes));
    const { exitCode, code } = await child;
    if (exitCode === undefined) throw new Error(code === 'ENOENT' ? 'there is no `ip` in PATH' : 'ended by a signal');
    return exitCode;
  },
};
