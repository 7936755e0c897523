/** Builds linkloom's own image by the ordinary Dockerfile, for tests that run it as a container. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ensureBase } from './base.ts';
import { CACHE, startDockerd } from './dockerd.ts';

export const IMAGE = 'linkloom-test/linkloom:1';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The files that go into the image: those that .dockerignore lets through, and the instructions. */
const SOURCES = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'scripts/bundle.mjs',
  'tsconfig.json',
];
const TREES = ['schema', 'scripts/man', 'scripts/reference', 'share', 'src', 'workers'];
/** The file with the hash of the sources of the cached image. */
const STAMP = join(CACHE, 'image.stamp');

/**
 * Builds the image, unless the cached one has the same sources. Returns its name. Since builds fetch packages, it starts an engine
 * in the machine's network; call it before the test's own engine is started.
 */
export async function ensureImage(): Promise<string> {
  const stamp = await hashOfSources();
  if (existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === stamp) return IMAGE;
  await using engine = await startDockerd('host');
  const base = await ensureBase(engine);
  const args = ['build', '--network', 'host', '--build-arg', `BASE=${base}`, '--tag', IMAGE, ROOT];
  await execa('docker', args, { env: engine.env, extendEnv: false, all: true });
  await engine.docker('image', 'prune', '--force');
  await writeFile(STAMP, stamp);
  return IMAGE;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256').update(process.versions.node);
  const inTrees = await Promise.all(TREES.map(filesUnder));
  for (const name of [...SOURCES, ...inTrees.flat()].sort()) {
    hash.update(`\0${name}\0`).update(await readFile(join(ROOT, name)));
  }
  return hash.digest('hex');
}

async function filesUnder(tree: string): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, tree), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}
