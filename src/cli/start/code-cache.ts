/**
 * Loads a script together with the code that V8 has made of it before, which takes a third of the time. (Node.js has such a cache of its
 * own, `module.enableCompileCache`, from 22.1; this one does the same for all versions.)
 */

import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { CodeStore } from './code-store.ts';

/**
 * After this time V8 has thrown away compiled code that was used only at the start, which is the code to be kept.
 */
const MOST_SECONDS = 30;

/**
 * Runs a script of CommonJS, which is written as the function that Node.js makes of such a file. `digest` is of its text: V8 itself compares no more than the length of the text, its own version and its
 * flags. `use` names what the script is going to do. It
 * requires modules as this file does, beside which it is in the bundle. What can't be read or written of the cache is done without.
 */
export function loadCached(file: string, digest: string, use: string): void {
  // Made of letters of ASCII alone, so a byte is a letter, and V8 need not look for longer ones.
  const text = readFileSync(file, 'latin1');
  const store = CodeStore.open(process.env);
  const changed = Math.trunc(statSync(file).mtimeMs);
  const name = `${digest}-${changed}-${process.version}-${process.arch}-${use}`;
  const cachedData = store?.read(name);
  const script = new Script(text, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  if (store !== null && (cachedData === undefined || script.cachedDataRejected === true)) {
    process.on('exit', (status) => {
      if (status === 0 && process.uptime() < MOST_SECONDS) store.write(name, script.createCachedData());
    });
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
}
