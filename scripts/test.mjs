/**
 * `npm test`: from a bare clone to the last test. Installs what is missing, compiles, runs every suite. With
 * arguments only the suites named.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, ensureSite, step } from './bootstrap.mjs';

const suites = process.argv.slice(2);

ensureDependencies();
if (suites.length === 0 || suites.some((suite) => /^(docker|kernel|faults|browser|cluster|site)/.test(suite)))
  ensurePrograms('test');
ensureBuilt();
if (suites.some((suite) => /^site/.test(suite))) {
  ensureSite();
  step(process.execPath, ['dist/scripts/site/build.js']);
}
step(process.execPath, [
  'dist/scripts/run-tests.js',
  ...(suites.length > 0
    ? suites
    : ['unit', 'cli', 'property', 'conformance', 'kernel', 'cluster/smoke', 'docker', 'browser/smoke']),
]);
