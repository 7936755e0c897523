/** `health` asks a daemon whether its lab is whole, for HEALTHCHECK of containers and for scripts. */
import { EXIT, LinkloomError } from '../../errors.ts';
import { LAB_FLAGS, type Options, REPORT_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const health: Verb = {
  description:
    'Asks the daemon of a lab, or `up --watch`, whether its container engines are followed and all links of the nodes that run are ' +
    'up. Nodes that do not run yet do not count. Without a name and a file it asks the only daemon of this machine (or of this container).',
  flags: [...LAB_FLAGS, ...REPORT_FLAGS],
  examples: [
    ['health', 'the only daemon here, as the image does for HEALTHCHECK'],
    ['health --lab ring --json', 'with all that is amiss'],
  ],
  exitNotes: ['0  it is whole', '1  it is not, or no daemon answers', '3  a privilege is missing'],
  async run(context, options) {
    const [{ healthOf }, { healthText }] = await Promise.all([
      import('../../api/client/health.ts'),
      import('../../report/running/health.ts'),
    ]);
    const found = await healthOf(await labOf(context, options));
    context.out.write(options.json ? `${JSON.stringify(found)}\n` : healthText(found, context.out.paint));
    return found.ready ? EXIT.done : EXIT.failed;
  },
};

async function labOf(context: Context, options: Options): Promise<string> {
  const { lab, file, networkFile, composeFile } = options;
  if (lab === undefined && file.length + networkFile.length + composeFile.length === 0) {
    const { labsServed } = await import('../../api/client/served.ts');
    const labs = labsServed();
    if (labs[0] !== undefined && labs.length === 1) return labs[0];
    if (labs.length === 0) throw new LinkloomError('E_NODE_MISSING', 'no daemon serves a lab here');
  }
  const { labNameOf, requestOf } = await import('../request.ts');
  return await labNameOf(requestOf(options, context));
}
