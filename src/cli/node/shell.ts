/** `shell`: a shell in a node, with this terminal. */
import { LAB_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const shell: Verb = {
  description:
    'Opens a shell in a node, with this terminal, and exits with its status: in a container bash, else sh; in a namespace the shell ' +
    'that SHELL names, else sh.',
  arguments: [{ name: '<node>', description: 'as of `exec`; one' }],
  flags: [...LAB_FLAGS, 'dockerSocket', 'podmanSocket', 'progress', 'verbose'],
  examples: [
    ['shell r1', 'a shell in node r1'],
    ['shell -f lab.yaml r1 < setup.sh', 'what a file says'],
  ],
  exitNotes: ['that of the shell', '1  there is no such node', '2  the name is ambiguous', '3  no engine answers'],
  async run(context, options, names) {
    const [{ requestOf }, { withReporter }, { chooseOne }, { shellOf }, programs] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/choose.ts'),
      import('../../lab/with-nodes/shell.ts'),
      import('./program.ts'),
    ]);
    const node = await withReporter(context, options, (emit) =>
      chooseOne(names[0] ?? '', requestOf(options, context), context.env, emit),
    );
    const argv = await shellOf(node, context.env);
    if (node.kind === 'netns') return await programs.runInNetns(node.name, argv, context);
    return await programs.runInContainer(node.engine, node.container, argv, context.out, context.err);
  },
};
