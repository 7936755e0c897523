/** `import` prints the configuration that a file of another tool becomes. */
import { dirname, resolve } from 'node:path';
import type { ImportOptions } from '../../config/import/options.ts';
import { EXIT, errorsIn, LinkloomError } from '../../errors.ts';
import { bareCommandLine } from '../../verb-names.ts';
import type { Options } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const importVerb: Verb = {
  description:
    'Reads a topology of containerlab, a lab.conf of Kathara, a graph as node-link JSON (NetworkX, topohub) or GraphML ' +
    '(Topology Zoo, yEd), or the networks of a compose project, and prints it as a configuration of linkloom. What can not be ' +
    'carried over is listed on standard error, each with its line. `-` is standard input.',
  arguments: [{ name: '<file>', description: 'the file of the other tool' }],
  flags: ['from', 'image', 'as', 'keepUnknown', 'carryImpair', 'vars', 'lab', 'format', 'progress', 'verbose'],
  examples: [
    [`import clos.clab.yml | ${bareCommandLine('up', '-f -')}`, 'a containerlab topology, brought up'],
    ["import lab.conf --image 'kathara/*=busybox'", "with another image for Kathara's"],
    ['import Geant2012.graphml --as netns > geant.yaml', 'a network of the Topology Zoo'],
  ],
  exitNotes: ['0  printed; what was left out is listed', '1  the file can not be imported: nothing is printed'],
  async run(context, options, [file = '']) {
    const [{ importLab }, { surroundingsOf }, { emitYaml }, { withReporter }] = await Promise.all([
      import('../../config/import/import.ts'),
      import('../../config/import/surroundings.ts'),
      import('../../config/text/emit.ts'),
      import('../reporting.ts'),
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
    if (errors > 0) throw new LinkloomError('E_CONFIG', `${file} can not be imported as it is`, { diagnostics: [] });
    if (options.lab !== undefined) lab.lab = options.lab;
    const document = withDollars(lab.document());
    context.out.write(options.format === 'json' ? `${JSON.stringify(document, null, 1)}\n` : emitYaml(document));
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
  const images = image.map((choice) => {
    const at = choice.indexOf('=');
    return { pattern: choice.slice(0, at), image: choice.slice(at + 1) };
  });
  return {
    images,
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

/** Texts with every `$` doubled: the result is read again, and its variables were filled in already. */
function withDollars(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(withDollars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withDollars(item)]));
}
