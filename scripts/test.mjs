/**
 * `npm test`: from a bare clone to the last test. Installs what is missing, compiles, runs every suite. With
 * arguments only the suites named.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, step } from './bootstrap.mjs';

const suites = process.argv.slice(2);

ensureDependencies();
if (suites.length === 0 || suites.some((suite) => /^(docker|kernel|faults|browser|cluster)/.test(suite)))
  ensurePrograms('test');
ensureBuilt();
step(process.execPath, [
  'dist/scripts/run-tests.js',
  ...(suites.length > 0 ? suites : ['unit', 'cli', 'property', 'conformance', 'kernel', 'docker', 'browser/smoke']),
]);
