/** `npm run docs`: the site of all pages, checked, in `site/dist/`. Its generators are packages of `site/`, so that nobody else installs them. */
import { ensureBuilt, ensureDependencies, ensureSite, step } from '../bootstrap.mjs';

ensureDependencies();
ensureSite();
ensureBuilt();
step(process.execPath, ['dist/scripts/site/build.js']);
