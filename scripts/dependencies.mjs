/** What `.ci/run` begins with: npm's packages as the lock file names them, and the programs that tests need. */
import { ensureDependencies, ensurePrograms } from './bootstrap.mjs';

ensureDependencies();
ensurePrograms('test');
