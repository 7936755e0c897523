/**
 * `npm run lint`, side by side: style and faults (Biome), the walls between rooms (dependency-cruiser), exports that nobody imports (knip),
 * plain English in the documents (`language/`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ensureDependencies, ROOT } from './bootstrap.mjs';

const installed = (program) => join(ROOT, 'node_modules', '.bin', program);
const CHECKS = [
  [installed('biome'), 'ci', '--error-on-warnings', '.'],
  [installed('depcruise'), 'src', 'workers'],
  [installed('knip'), '--treat-config-hints-as-errors'],
  [process.execPath, join(ROOT, 'scripts/language/check.mjs')],
];

/** Resolves once the program has ended, to its exit status and all that it said. */
async function run([program, ...args]) {
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status, said: `${stdout}${stderr}` };
}

ensureDependencies();
for (const { status, said } of await Promise.all(CHECKS.map(run))) {
  process.stdout.write(said);
  if (status !== 0) process.exitCode = 1;
}
