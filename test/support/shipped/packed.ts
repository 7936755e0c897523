/** Makes the package as a user gets it from npm: packed, and installed in a project of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../bin.ts';
import { type Folder, temporaryFolder } from '../folder.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Packs what is built, without building it again during the tests. Returns the path of the tarball. */
export function pack(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).trim());
}

/**
 * A copy of `examples/EXAMPLE` with the package installed from its tarball. It has only the dependencies that the package names,
 * and `more`. So whatever else the declarations or the program need is missing, as it is for a user.
 */
export function packedProject(example: string, more: readonly string[]): Folder {
  const folder = temporaryFolder('packed');
  const { name, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  cpSync(join(ROOT, 'examples', example), folder.path, { recursive: true });
  const installed = join(folder.path, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', pack(folder.path), '-C', installed, '--strip-components=1']);
  for (const dependency of [...Object.keys(dependencies), ...more]) {
    const link = join(folder.path, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link);
  }
  return folder;
}
