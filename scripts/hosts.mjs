/** `npm run hosts -- up`: from a bare clone to a lab over three emulated hosts; examples/hosts/README.md tells of it. */
import { ensureBuilt, ensureDependencies, ensurePrograms, step } from './bootstrap.mjs';

const [verb = '', ...rest] = process.argv.slice(2);
if (verb === 'up') {
  ensureDependencies();
  ensurePrograms('hosts');
  ensureBuilt();
}
step(process.execPath, ['dist/scripts/cluster/example.js', verb, ...rest]);
