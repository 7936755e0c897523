/**
 * Makes the lab by a program in C that does only what must be done: the floor. The system's compiler compiles it, if there is one.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aliasOf } from '../../src/net/mark.ts';
import type { Work, WorkLink } from '../work.ts';
import { netnsMark } from './lines.ts';
import { runProgram } from './process.ts';

/** C sources are not in dist/. This path leads from dist/bench/rivals to bench/floor. */
const SOURCE = fileURLToPath(new URL('../../../bench/floor/floor.c', import.meta.url));

/** Compiles the floor into a folder, as `compileProgram`. */
export function compileFloor(folder: string): string | null {
  return compileProgram(folder, 'floor', SOURCE);
}

/** Compiles a C source into a folder. Returns null if no compiler is installed. Throws if the source does not compile. */
export function compileProgram(folder: string, name: string, source: string): string | null {
  const program = join(folder, name);
  try {
    execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'inherit'] });
    return program;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes the lab. Resolves to the milliseconds from the first system call to the last acknowledgement. */
export async function deployByFloor(program: string, work: Work): Promise<number> {
  return Number(await runProgram(program, [], floorInput(work)));
}

function floorInput(work: Work): string {
  const { groups } = work;
  return [
    `switch ${work.switchName} ${netnsMark(work, work.switchName)}`,
    `groups ${groups.node} ${groups.port} ${groups.bridge}`,
    ...work.nodes.flatMap(({ name, links }) => [
      `node ${name} ${netnsMark(work, name)}`,
      ...(work.pairs.length > 0 ? [] : links).map((link) =>
        ['link', link.dev, link.mac, link.address, link.prefix, link.port, link.bridge, link.alias].join(' '),
      ),
    ]),
    ...work.pairs.map(([a, b]) => `pair ${endOf(work, a)} ${endOf(work, b)}`),
    ...work.bridges.map((bridge) => `bridge ${bridge} ${aliasOf(work.lab, '', bridge)}`),
    '',
  ].join('\n');
}

function endOf(work: Work, { node, dev, mac, address, prefix, alias }: WorkLink): string {
  const position = work.nodes.findIndex(({ name }) => name === node);
  return [position, dev, mac, address, prefix, alias.replaceAll(' ', '|')].join(' ');
}
