/**
 * Loaded into a process with `--import`, and so into each of its worker threads: the first worker that opens a namespace
 * while the file LINKLOOM_TEST_CRASH exists takes that file away and dies on the spot, in the middle of its task.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const file = process.env['LINKLOOM_TEST_CRASH'] ?? '';
const after = Number(process.env['LINKLOOM_TEST_CRASH_AFTER'] ?? 0);

if (!isMainThread && file !== '') {
  const { openSync } = fs;
  let opened = 0;
  fs.openSync = (...args: Parameters<typeof openSync>): number => {
    if (String(args[0]).startsWith('/run/netns/') && opened++ >= after && fs.existsSync(file)) {
      fs.rmSync(file);
      process.exit(9);
    }
    return openSync(...args);
  };
  syncBuiltinESMExports();
}
