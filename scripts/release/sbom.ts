/**
 * `npm run release:sbom -- FOLDER`: writes what a release is made of, as npm knows it from the lock file, in both formats:
 * `linkloom-VERSION.cdx.json` (CycloneDX) and `linkloom-VERSION.spdx.json` (SPDX). Needs no network.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Lock, type Manifest, productionLock, productionManifest } from './production.ts';

// Compiled, this file is dist/scripts/release/sbom.js.
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FORMATS = { cyclonedx: 'cdx', spdx: 'spdx' } as const;

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as T;
}

const [wanted] = process.argv.slice(2);
if (wanted === undefined) throw new Error('name the folder: npm run release:sbom -- FOLDER');
const target = resolve(wanted);
mkdirSync(target, { recursive: true });
const manifest = read<Manifest>('package.json');
const scratch = mkdtempSync(join(tmpdir(), 'linkloom-sbom-'));
try {
  // npm names the whole after the folder that it stands in.
  const project = join(scratch, manifest.name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify(productionManifest(manifest)));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(productionLock(read<Lock>('package-lock.json'))));
  for (const [format, ending] of Object.entries(FORMATS)) {
    const args = ['sbom', '--package-lock-only', '--sbom-type', 'application', '--sbom-format', format];
    const { stdout } = await execa('npm', args, { cwd: project });
    const file = join(target, `${manifest.name}-${manifest.version}.${ending}.json`);
    writeFileSync(file, `${stdout}\n`);
    process.stdout.write(`${file}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
