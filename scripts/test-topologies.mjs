/** `npm run test:topologies [DIR]`: bring up every lab of other tools in DIR (default: the project's own few), in a sandbox. Root. */
import { ensureBuilt, ensureDependencies, step } from './bootstrap.mjs';

ensureDependencies();
ensureBuilt();
step(process.execPath, ['dist/scripts/topologies.js', ...process.argv.slice(2)]);
