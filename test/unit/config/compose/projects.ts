/** Loads compose files out of a folder of their own. */

import assert from 'node:assert/strict';
import { bridgeOf } from '../../../../src/kinds/links/link-kinds.ts';
import { checkFiles, folderOf, lines } from '../loading.ts';

export type Request = Partial<Parameters<typeof checkFiles>[0]>;

/** Loads all files of a folder whose names are those of configurations; what is said names no folder. */
export async function load(files: Readonly<Record<string, string>>, request: Request = {}) {
  await using folder = await folderOf(files);
  const names = Object.keys(files).filter((name) => /^[a-z0-9-]+\.(yaml|json)$/.test(name));
  const checked = await checkFiles({ cwd: folder.path, env: {}, files: names, ...request });
  const said = lines(checked.diagnostics).map((line) => line.replaceAll(`${folder.path}/`, ''));
  return { ...checked, said, folder: folder.path };
}

/** Links of the project as `NODE:DEV BRIDGE`; fails if anything is said. */
export async function linksOf(
  files: Readonly<Record<string, string>>,
  request: Request = {},
): Promise<readonly string[]> {
  const { topology, said, config } = await load(files, request);
  assert.deepEqual(said, []);
  return topology.links
    .filter(({ selector }) => !config.inactive.has(selector.name))
    .map((link) => `${link.selector.name}:${link.dev} ${bridgeOf(link)}`);
}
