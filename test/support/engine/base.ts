/**
 * Makes the image that the Dockerfile builds on, for machines that can't pull it: Debian's smallest tree, the Node.js and npm that
 * run the tests, and this machine's certificates, so that npm works in builds as it does here.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { CACHE, type TestEngine } from './dockerd.ts';

const SUITE = 'bookworm';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Imports the base image if it is missing. Returns its name. Needs root and Debian's mmdebstrap. */
export async function ensureBase(engine: TestEngine): Promise<string> {
  const image = `linkloom-test/base:${SUITE}-node${process.versions.node}`;
  if ((await engine.docker('images', '--quiet', image)) !== '') return image;
  const tree = await mkdtemp(join(tmpdir(), 'linkloom-base-'));
  try {
    await execa('tar', ['-C', tree, '-x', '-f', await debianTree(), '--exclude', './dev/*']);
    await addNode(tree);
    await cp(CERTIFICATES, join(tree, CERTIFICATES));
    const changes = [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, 'CMD ["node"]'].flatMap((text) => ['--change', text]);
    const tar = execa('tar', ['-C', tree, '-c', '.'], { encoding: 'buffer', buffer: false });
    await tar.pipe('docker', ['import', ...changes, '-', image], { env: engine.env, extendEnv: false });
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
  return image;
}

/** A tar of the tree. It is made once. */
async function debianTree(): Promise<string> {
  const file = join(CACHE, `${SUITE}.tar`);
  if (existsSync(file)) return file;
  const partial = `${file}.part`;
  await execa('mmdebstrap', [
    '--format=tar',
    '--variant=minbase',
    '--include=ca-certificates,libstdc++6',
    SUITE,
    partial,
    await mirror(),
  ]);
  await rename(partial, file);
  return file;
}

/** The Debian mirror that this machine's apt uses. */
async function mirror(): Promise<string> {
  const { stdout } = await execa('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']);
  return stdout.split('\n').find((site) => /debian\/?$/.test(site)) ?? 'http://deb.debian.org/debian';
}

async function addNode(tree: string): Promise<void> {
  const bin = join(tree, 'usr/local/bin');
  const modules = join(tree, 'usr/local/lib/node_modules');
  await mkdir(bin, { recursive: true });
  await mkdir(modules, { recursive: true });
  await cp(process.execPath, join(bin, 'node'));
  const { stdout: globals } = await execa('npm', ['root', '--global']);
  await cp(join(globals, 'npm'), join(modules, 'npm'), { recursive: true, dereference: true });
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
  await mkdir(dirname(join(tree, CERTIFICATES)), { recursive: true });
}
