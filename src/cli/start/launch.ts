/**
 * What the guard of the bundle loads, once it knows that this Node.js is fit: the version at once, all else by the program's own file,
 * whose compiled code is kept. Only the bundle has it; the compiled tree is loaded file by file.
 */
import { fileURLToPath } from 'node:url';
import { PROGRAM_URL } from '../../layout.ts';
import { asksVersion, printVersion } from '../about/plain-version.ts';
import { loadCached } from './code-cache.ts';
import { runProcess } from './process.ts';

/** The digest of the program's file. The bundler puts it here. */
declare const PROGRAM_DIGEST: string;

const words = process.argv.slice(2);
if (asksVersion(words, process.env)) void runProcess(false, async ({ out }) => printVersion(out));
// Each verb compiles functions of its own, so each has compiled code of its own.
else loadCached(fileURLToPath(PROGRAM_URL), PROGRAM_DIGEST, /^[a-z]{2,12}$/.exec(words[0] ?? '')?.[0] ?? 'bare');
