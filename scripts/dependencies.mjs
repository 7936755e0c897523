/** `npm ci`, unless node_modules has what the lock file names. */
import { ensureDependencies } from './bootstrap.mjs';

ensureDependencies();
