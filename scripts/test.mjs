/**
 * `npm test`: from a bare clone to the last test. Installs what is missing, compiles, runs every suite, and of the long ones a part. With
 * arguments only the suites named.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, ensureSite, fail, step } from './bootstrap.mjs';

const suites = process.argv.slice(2);

ensureDependencies();
if (suites.length === 0 || suites.some((suite) => /^(docker|kernel|faults|browser|cluster|site)/.test(suite)))
  ensurePrograms('test');
ensureBuilt();
if (suites.some((suite) => /^site/.test(suite))) {
  ensureSite();
  step(process.execPath, ['dist/scripts/site/build.js']);
}
if (suites.length === 0) smokeInMachine();
step(process.execPath, [
  'dist/scripts/run-tests.js',
  ...(suites.length > 0 || process.getuid?.() !== 0 ? [] : ['--ran=vm/smoke']),
  ...(suites.length > 0
    ? suites
    : ['unit', 'long', 'cli', 'property', 'conformance', 'kernel', 'cluster/smoke', 'docker', 'browser/smoke']),
]);

/** A part of `npm run test:vm`. */
function smokeInMachine() {
  process.stdout.write('\n== vm/smoke tests\n');
  if (process.getuid?.() === 0) return step(process.execPath, ['scripts/test-vm.mjs', '--smoke']);
  if (process.env.CI === 'true') fail('FAILED: the tests in a virtual machine need root, and CI=true allows no skips');
  process.stdout.write('SKIPPED: the tests in a virtual machine need root\n');
}
