/**
 * `npm run release:signatures`: whether each installed package is signed by the registry that it came from (`npm audit signatures`). Exit 0:
 * all are. 1: some are not, and it names them. 3: nobody could say, since the registry has no signatures or its keys are out of reach.
 */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { verdictOf } from './verdict.ts';

const TIMEOUT_MS = 120_000;

const ran = await execa('npm', ['audit', 'signatures', '--json', '--fetch-retries', '0'], {
  cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  reject: false,
  timeout: TIMEOUT_MS,
});
const { status, text } = verdictOf({ exitCode: ran.exitCode ?? null, stdout: ran.stdout, stderr: ran.stderr });
process.stdout.write(`${text}\n`);
process.exitCode = status;
