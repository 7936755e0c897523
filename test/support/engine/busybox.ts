/** Makes the image for the tests' containers: a static busybox and nothing else. */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestEngine } from './dockerd.ts';

export const BUSYBOX = 'linkloom-test/busybox:1';

/** Imports the image if it is missing. Needs Debian's busybox-static. */
export async function ensureBusybox(engine: TestEngine): Promise<string> {
  if ((await engine.docker('images', '--quiet', BUSYBOX)) !== '') return BUSYBOX;
  await withBusyboxTree(async (tree) => {
    const tar = execa('tar', ['-C', tree, '-c', '.'], { encoding: 'buffer' });
    await tar.pipe('docker', ['import', '--change', 'CMD ["/bin/sh"]', '-', BUSYBOX], {
      env: engine.env,
      extendEnv: false,
    });
  });
  return BUSYBOX;
}

/** Gives `use` a folder with the image's files, which exists until `use` is done. */
export async function withBusyboxTree<T>(use: (tree: string) => Promise<T>): Promise<T> {
  const tree = await mkdtemp(join(tmpdir(), 'linkloom-busybox-'));
  try {
    // Users other than root must be able to enter the image's root.
    await chmod(tree, 0o755);
    for (const folder of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp']) await mkdir(join(tree, folder));
    await copyFile('/bin/busybox', join(tree, 'bin/busybox'));
    await writeFile(join(tree, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
    const { stdout } = await execa('busybox', ['--list']);
    const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
    for (const name of applets) await symlink('busybox', join(tree, 'bin', name));
    return await use(tree);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
