/** What code a run of the program loads, in all its threads: V8 lists every script it has seen when it is asked for coverage. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkloom, type RunOptions } from '../bin.ts';
import { temporaryFolder } from '../folder.ts';

export interface Loaded {
  readonly exitCode: number;
  /** Names of packages in node_modules. */
  readonly packages: ReadonlySet<string>;
  /** Files of the bundle, without their hash: `main`, `chunk`, `up`… */
  readonly files: readonly string[];
}

/** Runs `linkloom ARGS…` and says what was loaded. */
export async function loadedBy(args: readonly string[], options: RunOptions = {}): Promise<Loaded> {
  using folder = temporaryFolder('loaded');
  const ran = await linkloom(args, { ...options, env: { ...options.env, NODE_V8_COVERAGE: folder.path } });
  const urls = readdirSync(folder.path).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as {
      result: readonly { url: string }[];
    };
    return result.map(({ url }) => url);
  });
  const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  const files = urls.flatMap((url) => /\/lib\/(?:src|workers)\/(.*?)(?:-[A-Z0-9]{8})?\.js$/.exec(url)?.[1] ?? []);
  return { exitCode: ran.exitCode, packages: new Set(packages), files: files.sort() };
}
