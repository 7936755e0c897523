/** Makes an image with FRR for the tests' containers: busybox, and the daemons of this machine's Debian package with their libraries. */
import { appendFile, cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { withBusyboxTree } from './busybox.ts';
import type { TestEngine } from './dockerd.ts';

const FRR = 'linkloom-test/frr:1';

const PROGRAMS = [...['zebra', 'ospfd', 'ospf6d', 'bgpd'].map((name) => `/usr/lib/frr/${name}`), '/usr/bin/vtysh'];

/** Imports the image if it is missing. Needs Debian's frr and busybox-static. */
export async function ensureFrr(engine: TestEngine): Promise<string> {
  if ((await engine.docker('images', '--quiet', FRR)) !== '') return FRR;
  await withBusyboxTree(async (tree) => {
    const { stdout } = await execa('ldd', PROGRAMS);
    const libraries = [...stdout.matchAll(/(\/\S+\.so\S*) \(/g)].map(([, path = '']) => path);
    for (const path of new Set([...PROGRAMS, ...libraries])) {
      await mkdir(join(tree, dirname(path)), { recursive: true });
      await cp(path, join(tree, path), { dereference: true });
    }
    await appendFile(join(tree, 'etc/passwd'), 'frr:x:105:111::/nonexistent:/bin/false\n');
    await appendFile(join(tree, 'etc/group'), 'root:x:0:\nfrr:x:111:\nfrrvty:x:110:frr\n');
    for (const folder of ['etc/frr', 'var/run', 'var/tmp']) await mkdir(join(tree, folder), { recursive: true });
    const tar = execa('tar', ['-C', tree, '-c', '.'], { encoding: 'buffer', buffer: false });
    await tar.pipe('docker', ['import', '-', FRR], { env: engine.env, extendEnv: false });
  });
  return FRR;
}
