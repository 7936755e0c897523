/**
 * Loaded into a process with `--import`, and so into each of its worker threads. The first worker that opens a namespace while the
 * file LINKLOOM_TEST_CRASH exists removes that file and dies at once, in the middle of its task.
 */
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const file = process.env['LINKLOOM_TEST_CRASH'] ?? '';
const after = Number(process.env['LINKLOOM_TEST_CRASH_AFTER'] ?? 0);

if (!isMainThread && file !== '') {
  // The native module itself, whichever way it is loaded.
  const { default: koffi } = createRequire(import.meta.url)('koffi') as {
    default: { load: typeof import('koffi').load };
  };
  const { load } = koffi;
  let opened = 0;
  koffi.load = (...args) => {
    const library = load(...args);
    const func = (prototype: string): unknown => {
      const call = library.func(prototype);
      if (!prototype.startsWith('int open(')) return call;
      return (path: string, ...rest: unknown[]): unknown => {
        if (path.startsWith('/run/netns/') && opened++ >= after && existsSync(file)) {
          rmSync(file);
          process.exit(9);
        }
        return call(path, ...rest);
      };
    };
    return { ...library, func } as ReturnType<typeof load>;
  };
}
