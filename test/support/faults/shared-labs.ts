/** Makes and removes labs that share their nodes, at the same time, each by a process of its own. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { linkloom } from '../bin.ts';
import { netnsNames, uniqueName } from '../netns.ts';
import { differences, eventually } from './exact.ts';
import { remains } from './kill-matrix.ts';
import type { Lab } from './labs.ts';
import { diceFor } from './seed.ts';

export interface SharedOptions {
  readonly labs: number;
  readonly nodes: number;
  readonly rounds: number;
}

/** The base of all names, and the labs: each has a link in every node, and two nodes to a bridge. */
export function sharedLabs({ labs, nodes }: Omit<SharedOptions, 'rounds'>): {
  readonly base: string;
  readonly labs: readonly Lab[];
} {
  const base = uniqueName('h');
  const linkOf = (lab: number, node: number): Lab['links'][number] => ({
    netns: `${base}n${node}`,
    dev: `e${lab}`,
    bridge: `b${node >> 1}`,
    ip: `10.${lab}.${node}.1/24`,
    mac: `c2:00:00:00:0${lab}:0${node}`,
    mtu: 1400 + node,
  });
  return {
    base,
    labs: Array.from({ length: labs }, (_, lab) => ({
      lab: `${base}${lab}`,
      links: Array.from({ length: nodes }, (_, node) => linkOf(lab, node)),
    })),
  };
}

/** What is wrong with a lab. What other labs have in its nodes does not count. */
export async function ownDifferences(lab: Lab): Promise<readonly string[]> {
  return (await differences(lab)).filter((line) => !/^\S+:e\d is too much$/.test(line));
}

/**
 * Runs rounds. In each, all labs at the same time are made, removed, both, or left as they are. After each, labs that are up must
 * be complete, and a namespace must exist if a lab needs it, or if it existed before, and only then. Throws if that is not so.
 */
export async function shareAndLeave(folder: string, options: SharedOptions): Promise<Readonly<Record<string, number>>> {
  const dice = diceFor('labs that share');
  const { base, labs } = sharedLabs(options);
  const earlier = `${base}n0`;
  const files = await Promise.all(
    labs.map(async (lab) => {
      const file = join(folder, `${lab.lab}.json`);
      await writeFile(file, JSON.stringify(lab));
      return file;
    }),
  );
  const counts = { rounds: 0, ups: 0, downs: 0 };
  const isUp = labs.map(() => false);
  const run = async (at: number, verb: 'up' | 'down'): Promise<void> => {
    const { exitCode, stderr } = await linkloom([verb, '-f', files[at] ?? '', '-v']);
    assert.equal(exitCode, 0, `${verb} of ${labs[at]?.lab}: ${stderr}`);
    isUp[at] = verb === 'up';
    counts[verb === 'up' ? 'ups' : 'downs'] += 1;
  };
  const check = async (): Promise<readonly string[]> => {
    const there = (await netnsNames()).filter((name) => name.startsWith(`${base}n`));
    const nodes = new Set(labs.flatMap((lab, at) => (isUp[at] ? lab.links.map(({ netns }) => netns) : [])));
    const wanted = [...nodes.add(earlier)].sort();
    const wrong = there.join() === wanted.join() ? [] : [`there are ${there}, not ${wanted}`];
    const faults = await Promise.all(labs.map((lab, at) => (isUp[at] ? ownDifferences(lab) : [])));
    return [...wrong, ...faults.flat()];
  };
  await execa('ip', ['netns', 'add', earlier]);
  try {
    for (; counts.rounds < options.rounds; counts.rounds++) {
      // In the first round all labs are made; later the actions are random.
      const verbs = labs.map((): readonly ('up' | 'down')[] =>
        counts.rounds === 0 ? ['up'] : dice.pick([['up'], ['down'], ['down', 'up'], ['up', 'down'], []]),
      );
      await Promise.all(
        verbs.map(async (some, at) => {
          for (const verb of some) await run(at, verb);
        }),
      );
      assert.deepEqual(
        await eventually(check, 5_000),
        [],
        `round ${counts.rounds} of seed ${dice.seed}: ${JSON.stringify(verbs)}`,
      );
    }
    await Promise.all(labs.map((_, at) => run(at, 'down')));
    assert.deepEqual(await eventually(check, 5_000), []);
    for (const lab of labs) assert.deepEqual(await eventually(() => remains(lab), 3_000), []);
    return counts;
  } finally {
    for (const { lab } of labs) await linkloom(['down', '--lab', lab]);
    await execa('ip', ['netns', 'del', earlier], { reject: false });
  }
}
