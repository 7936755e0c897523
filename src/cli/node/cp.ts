/** `cp`: files between this machine and a node. */
import { EXIT } from '../../errors.ts';
import { LAB_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const cp: Verb = {
  description:
    'Copies a file, or a folder with all in it, between this machine and a container. Into a folder that is there it goes under its ' +
    'own name, else it gets the name that is given. A namespace has the files of this machine, so there is nothing to copy.',
  arguments: [
    { name: '<from>', description: 'PATH, or NODE:PATH; a path with a colon in it as ./PATH' },
    { name: '<to>', description: 'the other of the two' },
  ],
  flags: [...LAB_FLAGS, 'dockerSocket', 'podmanSocket', 'progress', 'verbose'],
  examples: [
    ['cp frr.conf r1:/etc/frr/', 'into a folder of r1'],
    ['cp -f lab.yaml r1:/var/log logs', 'a folder of it'],
  ],
  exitNotes: ['0  copied', '1  there is no such node, file or folder', '2  not exactly one end is in a container'],
  async run(context, options, [from = '', to = '']) {
    const [{ requestOf }, { withReporter }, { copy, copyEnd }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/copy.ts'),
    ]);
    await withReporter(context, options, (emit) =>
      copy(copyEnd(from), copyEnd(to), requestOf(options, context), context.env, emit),
    );
    return EXIT.done;
  },
};
