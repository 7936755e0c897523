/**
 * `npm run release:base`: pins the image that the Dockerfile builds on to the digest that its tag has today, so that the image of a release
 * can be built again. `-- FILE` names another Dockerfile. Needs docker.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { digestIn, pinnedBase, taggedBase } from './dockerfile.ts';

// Compiled, this file is dist/scripts/release/base.js.
const file = process.argv[2] ?? fileURLToPath(new URL('../../../Dockerfile', import.meta.url));
const before = readFileSync(file, 'utf8');
const base = taggedBase(before);
await execa('docker', ['pull', base], { stdout: 'ignore' });
const { stdout } = await execa('docker', ['image', 'inspect', '--format', '{{json .RepoDigests}}', base]);
const after = pinnedBase(before, digestIn(JSON.parse(stdout), base));
writeFileSync(file, after);
process.stdout.write(`${base}: ${after === before ? 'pinned already' : 'pinned'}\n`);
