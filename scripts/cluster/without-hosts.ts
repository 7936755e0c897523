/**
 * linkloom as it is built here, and the same without all that is for several hosts: neither its code nor the packages of NATS. What one
 * does and the other does not is what labs on one host pay for those on several.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, from dist/scripts/cluster. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A chunk of the program's table, from its name to the next one's. */
const CHUNK = /^("[^"]+\.js": function \(\) \{\n)([\s\S]*?)^\},\n(?="[^"]+\.js": function|\};\n)/gm;
/** The bundler's line before a module for several hosts. */
const FOR_HOSTS = /^\/\/ dist\/src\/(cluster|hosts|cli\/hosts|report\/hosts)\//m;
const PACKAGES = '@nats-io';
/** Of a digest of the program that the guard has. */
const DIGITS = 16;

export interface BothPrograms {
  /** Paths to give to Node.js. Their files lie alike, so that both are found by as many calls. */
  readonly whole: string;
  readonly without: string;
  /** How many chunks of the program the other one lacks. */
  readonly chunksLeftOut: number;
}

/** Makes both in a folder that is empty or not there. Throws if the program has no part for several hosts. */
export function withAndWithoutHosts(folder: string): BothPrograms {
  const [whole, without] = ['whole', 'other'].map((name) => join(folder, name)) as [string, string];
  copyTo(whole, () => true);
  copyTo(without, (name) => name !== PACKAGES);
  const program = join(without, 'lib/src/program.js');
  const text = readFileSync(program, 'utf8');
  let chunksLeftOut = 0;
  const left = text.replace(CHUNK, (chunk: string, head: string, body: string) => {
    if (!FOR_HOSTS.test(body)) return chunk;
    chunksLeftOut += 1;
    return `${head}throw new Error('it is not here');\n},\n`;
  });
  if (chunksLeftOut === 0 || FOR_HOSTS.test(left))
    throw new Error(`${program} is not made as this file takes it to be`);
  writeFileSync(program, left);
  // Code that V8 has kept is of one program alone.
  const launch = join(without, 'lib/src/launch.js');
  writeFileSync(launch, readFileSync(launch, 'utf8').replaceAll(digestOf(text), digestOf(left)));
  return { whole: join(whole, 'lib/src/main.js'), without: join(without, 'lib/src/main.js'), chunksLeftOut };
}

function copyTo(folder: string, isWanted: (name: string) => boolean): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const name of ['lib', 'schema', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter(isWanted))
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
