/**
 * What code a run of the program runs, in all its threads: asked for coverage, V8 lists every function and how often it was called, and
 * in the bundle each module that does not run at once is a function with the name of its file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkloom, type Ran, type RunOptions } from '../bin.ts';
import { temporaryFolder } from '../folder.ts';

export interface Loaded extends Ran {
  /** Names of npm packages, also of those in the bundle. */
  readonly packages: readonly string[];
  /** Modules of linkloom that wait until they are imported and were, such as `src/cli/lab/up`. */
  readonly modules: ReadonlySet<string>;
  /** Files of the bundle, such as `src/program`. */
  readonly files: readonly string[];
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** Runs `linkloom ARGS…` and says what was loaded. */
export async function loadedBy(args: readonly string[], options: RunOptions = {}): Promise<Loaded> {
  using folder = temporaryFolder('loaded');
  const env = { ...options.env, NODE_V8_COVERAGE: folder.path, NODE_DISABLE_COMPILE_CACHE: '1' };
  const ran = await linkloom(args, { ...options, env });
  const scripts = readdirSync(folder.path).flatMap(
    (name) => (JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as Coverage).result,
  );
  const called = scripts.flatMap(({ functions }) =>
    functions.flatMap(({ functionName, ranges: [whole] }) =>
      whole !== undefined && whole.count > 0 ? [functionName] : [],
    ),
  );
  const urls = scripts.map(({ url }) => url);
  return {
    ...ran,
    packages: [
      ...new Set(
        [...urls, ...called].flatMap((name) => /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []),
      ),
    ].sort(),
    modules: new Set(called.flatMap((name) => /^dist\/(.*)\.js$/.exec(name)?.[1] ?? [])),
    files: urls.flatMap((url) => /\/lib\/(.*)\.m?js$/.exec(url)?.[1] ?? []).sort(),
  };
}
