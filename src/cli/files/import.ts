/** `import` prints the configuration that a file of another tool becomes. */
import { dirname, resolve } from 'node:path';
import type { ImportOptions } from '../../config/import/options.ts';
import { EXIT, errorsIn, LinkloomError } from '../../errors.ts';
import { bareCommandLine } from '../../verb-names.ts';
import { ADDRESS_FLAGS, FRR_FLAGS, type Options } from '../flags.ts';
import type { Verb } from '../verb.ts';
import { assertNothingLeft } from './strict.ts';

export const importVerb: Verb = {
  description:
    'Reads a topology of containerlab, a lab.conf of Kathara, a graph as node-link JSON (NetworkX, topohub) or GraphML ' +
    '(Topology Zoo, yEd), or the networks of a compose project, and prints it as a configuration of linkloom. What can not be ' +
    'carried over is listed on standard error, each with its line. `-` is standard input.',
  arguments: [{ name: '<file>', description: 'the file of the other tool' }],
  flags: [
    'from',
    'image',
    'as',
    'keepUnknown',
    'carryImpair',
    'strict',
    'vars',
    ...ADDRESS_FLAGS,
    ...FRR_FLAGS,
    'lab',
    'format',
    'progress',
    'verbose',
  ],
  examples: [
    [`import clos.clab.yml | ${bareCommandLine('up', '-f -')}`, 'a containerlab topology, brought up'],
    ["import lab.conf --image 'kathara/*=busybox'", "with another image for Kathara's"],
    ['import Geant2012.graphml --as netns > geant.yaml', 'a network of the Topology Zoo'],
    [`import Geant2012.graphml --frr ospf | ${bareCommandLine('up', '-f -')}`, 'the same, with routers of FRR'],
  ],
  exitNotes: ['0  printed; what was left out is listed', '1  the file can not be imported: nothing is printed'],
  async run(context, options, [file = '']) {
    const [{ importLab }, { surroundingsOf }, { printDocument }, { withReporter }, { asRouted }] = await Promise.all([
      import('../../config/import/import.ts'),
      import('../../config/import/surroundings.ts'),
      import('../../config/text/document.ts'),
      import('../reporting.ts'),
      import('./routed.ts'),
    ]);
    const cwd = process.cwd();
    const around = surroundingsOf(file === '-' ? cwd : dirname(resolve(file)), cwd, (name) => context.env[name]);
    const lab = await importLab({
      file: file === '-' ? '<stdin>' : file,
      text: await textOf(file),
      format: options.from ?? null,
      options: await importOptionsOf(options),
      around,
    });
    const found = lab.notes.inOrder;
    const errors = errorsIn(found);
    await withReporter(context, options, async (emit) => {
      for (const diagnostic of found) emit({ type: 'diagnostic', diagnostic });
    });
    assertNothingLeft(options, found, 'import');
    if (errors > 0) throw new LinkloomError('E_CONFIG', `${file} can not be imported as it is`, { diagnostics: [] });
    if (options.lab !== undefined) lab.lab = options.lab;
    const document = await asRouted(lab.document(), options, context.env);
    context.out.write(printDocument(document, options.format));
    return EXIT.done;
  },
};

async function textOf(file: string): Promise<string> {
  const { readText } = await import('../../config/read.ts');
  try {
    return await readText(file);
  } catch (error) {
    const { reasonOf } = await import('../../config/read.ts');
    throw new LinkloomError('E_CONFIG', `cannot read ${file}: ${reasonOf(error)}`);
  }
}

async function importOptionsOf({ image, as, keepUnknown, carryImpair, vars }: Options): Promise<ImportOptions> {
  const { imageChoices } = await import('./image-choices.ts');
  return {
    images: imageChoices(image),
    as: as ?? null,
    keepUnknown,
    impair: carryImpair,
    vars: vars === undefined ? {} : await varsOf(vars),
  };
}

async function varsOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  const { readSources } = await import('../../config/text/source.ts');
  const [{ value }] = await readSources(file, await textOf(file), /\.json$/i.test(file) ? 'json' : 'yaml', false);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LinkloomError('E_CONFIG', `${file} holds no map of values`);
}
