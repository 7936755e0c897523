/** The image that tests run containers from: a static busybox and nothing else. */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestEngine } from './dockerd.ts';

export const BUSYBOX = 'linkloom-test/busybox:1';

/** Imports the image unless it is there. Needs Debian's busybox-static. */
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

/** The image's files in a folder, for as long as `use` takes. */
export async function withBusyboxTree<T>(use: (tree: string) => Promise<T>): Promise<T> {
  const tree = await mkdtemp(join(tmpdir(), 'linkloom-busybox-'));
  try {
    // The root of the image, which other users than root are to enter.
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
