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

/**
 * When the floor raises the far ends of `direct` wires. `rounds`: those of each 512 wires before the next are made, as linkloom does.
 * `last`: all of them at the end. Other shapes are made alike by both.
 */
export type FloorOrder = 'rounds' | 'last';

/** Makes the lab. Resolves to the milliseconds from the first system call to the last acknowledgement. */
export async function deployByFloor(program: string, work: Work, order: FloorOrder = 'rounds'): Promise<number> {
  return Number(await runProgram(program, order === 'last' ? ['0'] : [], floorInput(work)));
}

function floorInput(work: Work): string {
  const { groups } = work;
  const places = new Map(work.nodes.map(({ name }, at) => [name, at]));
  const endOf = ({ node, dev, mac, address, prefix, alias }: WorkLink): string =>
    [places.get(node), dev, mac, address, prefix, alias.replaceAll(' ', '|')].join(' ');
  return [
    `switch ${work.switchName} ${netnsMark(work, work.switchName)}`,
    `groups ${groups.node} ${groups.port} ${groups.bridge}`,
    ...work.nodes.flatMap(({ name, links }) => [
      `node ${name} ${netnsMark(work, name)}`,
      ...(work.pairs.length > 0 ? [] : links).map((link) =>
        ['link', link.dev, link.mac, link.address, link.prefix, link.port, link.bridge, link.alias].join(' '),
      ),
    ]),
    ...work.pairs.map(([a, b]) => `pair ${endOf(a)} ${endOf(b)}`),
    ...work.bridges.map((bridge) => `bridge ${bridge} ${aliasOf(work.lab, '', bridge)}`),
    '',
  ].join('\n');
}
