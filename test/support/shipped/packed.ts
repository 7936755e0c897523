/** Makes the package as a user gets it from npm: packed, and installed in a project of its own. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../bin.ts';
import { type Folder, temporaryFolder } from '../folder.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** What package-lock.json says of each folder of a package. */
interface Locked {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

/** Packs what is built, without building it again during the tests. Returns the path of the tarball. */
export function pack(folder: string): string {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).trim());
}

/**
 * Adds all that it depends on to the package that was unpacked into a folder, in the versions that are installed here: npm can install that
 * without a registry. (Of a range it would take the newest version, which may be younger than what is here.) Returns the path of the tarball.
 */
export function packWithDependencies(folder: string): string {
  const root = join(folder, 'package');
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Locked;
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    const isNeeded = path !== '' && !dev && !devOptional && existsSync(join(ROOT, path));
    if (isNeeded) cpSync(join(ROOT, path), join(root, path), { recursive: true });
  }
  const file = join(root, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)];
  writeFileSync(file, JSON.stringify({ ...manifest, bundleDependencies: names }));
  const tarball = join(folder, 'whole.tar');
  execFileSync('tar', ['-cf', tarball, '-C', folder, 'package']);
  return tarball;
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
