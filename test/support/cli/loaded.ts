/**
 * What code a run of the program runs, in all its threads: asked for coverage, V8 lists every function and how often it was called. In
 * the program each chunk is a function (`scripts/bundle/chunk-table.mjs`), in whose text a comment names each module.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkloom, type Ran, ROOT, type RunOptions } from '../bin.ts';
import { temporaryFolder } from '../folder.ts';

export interface Loaded extends Ran {
  /** Names of npm packages, also of those in the bundle. */
  readonly packages: readonly string[];
  /** Modules of linkloom that are in the program and were run, such as `src/cli/lab/up`. */
  readonly modules: ReadonlySet<string>;
  /** Files of the bundle, such as `src/program`. */
  readonly files: readonly string[];
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number; readonly startOffset: number; readonly endOffset: number }[];
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
  const called = scripts.flatMap(({ url, functions }) =>
    functions.flatMap(({ functionName, ranges: [whole] }) =>
      whole !== undefined && whole.count > 0 ? [functionName, ...modulesIn(url, functionName, whole)] : [],
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

const PROGRAM = join(ROOT, 'lib/src/program.js');

/** The modules that run with a chunk; those of CommonJS are functions again, which run when they are first required. */
function modulesIn(url: string, name: string, { startOffset, endOffset }: { startOffset: number; endOffset: number }) {
  if (!url.endsWith('/program.js') || !name.endsWith('.js') || name.includes('/')) return [];
  const text = readFileSync(PROGRAM, 'latin1').slice(startOffset, endOffset);
  return [...text.matchAll(/^\/\/ (\S+\.m?js)\n(?!var \w+ = __commonJS)/gm)].map(([, module = '']) => module);
}
