/** Starts a benchmark that touches the kernel. */
import { enterSandbox, type SandboxOptions } from '../scripts/sandbox.ts';

/**
 * Runs a benchmark in a sandbox. Resolves to its exit status, or to 3 without root. `command` is its npm script; `what` says what
 * it does that needs root.
 */
export async function runAsRoot(
  command: string,
  what: string,
  sandbox: SandboxOptions,
  main: () => Promise<number>,
): Promise<number> {
  if (process.getuid?.() === 0) return (await enterSandbox(sandbox)) ?? (await main());
  process.stderr.write(`The benchmark ${what}, which needs root: sudo npm run ${command}\n`);
  return 3;
}
