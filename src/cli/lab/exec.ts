/**
 * `lab/`: verbs that act on a lab or look at one, through the pipeline, an engine or the kernel's own names.
 *
 * This file: `exec`.
 */

import { LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import type { Verb } from '../verb.ts';

export const exec: Verb = {
  name: 'exec',
  group: 'Links',
  summary: 'run a program in a node',
  description:
    'Runs a program in a node, with this terminal, and exits with its status. In a network namespace it runs as ' +
    'with `ip netns exec`: with /sys of that namespace, and with /etc/netns/NAME over /etc.',
  arguments: [
    {
      name: '<node>',
      description:
        'namespace, container or service of one replica; `netns/NAME` and `container/NAME` where a name is both',
    },
    { name: '<command...>', description: 'the program and its arguments, after `--`' },
  ],
  flags: ['dockerSocket', 'podmanSocket'],
  examples: [
    ['exec n0 -- ping -c 1 10.0.0.2', 'ping from node n0'],
    ['exec container/web_1 -- sh', 'a shell in the container web_1'],
  ],
  exitNotes: [
    'that of the program; 128 and the number of the signal that ended it',
    '126  the program can not be executed; 127  there is no such program',
    '1  there is no such node',
    '2  the command line is wrong, or the name is ambiguous',
    '3  no engine answers, or `ip` is missing',
  ],
  passThrough: true,
  async run(context, options, [name = '', ...words]) {
    const argv = words[0] === '--' ? words.slice(1) : words;
    if (argv.length === 0) {
      throw new LinkloomError('E_USAGE', 'there is no program to run', {
        hint: commandLine('exec', `${name} -- PROGRAM`),
      });
    }
    const [{ findNode }, programs] = await Promise.all([import('../node/find.ts'), import('../node/program.ts')]);
    const node = await findNode(name, options, context.env);
    if (node.kind === 'netns') return await programs.runInNetns(node.name, argv, context);
    return await programs.runInContainer(node.engine, node.container, argv, context.out, context.err);
  },
};
