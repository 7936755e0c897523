/**
 * `npm run bench [-- FLAGS]`: installs and compiles what is missing, then runs the benchmark of deployments. Needs root.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, step } from './bootstrap.mjs';

ensureDependencies();
ensurePrograms('bench');
ensureBuilt();
step(process.execPath, ['dist/bench/macro/deploy.bench.js', ...process.argv.slice(2)]);
