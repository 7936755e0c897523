/**
 * Checks what a test needs of the machine. If something is missing, the test fails under `CI=true`, and is skipped elsewhere, with
 * the reason printed.
 */
import { execFileSync } from 'node:child_process';

/**
 * Returns `{ skip: reason }` for node:test, or `{}` if nothing is missing. Throws under `CI=true`. Programs are looked up in PATH.
 */
export function needs(...wants: readonly ('root' | `program:${string}`)[]): { readonly skip?: string } {
  const missing = wants.filter((want) => !has(want));
  if (missing.length === 0) return {};
  const reason = `this machine lacks ${missing.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(`${reason}, and CI=true allows no skips`);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return { skip: reason };
}

function has(want: string): boolean {
  if (want === 'root') return process.getuid?.() === 0;
  try {
    execFileSync('which', [want.slice('program:'.length)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
