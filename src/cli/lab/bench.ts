/** `bench` measures what labs of some shape cost on this machine. */
import { EXIT } from '../../errors.ts';
import { SHAPES, type ShapeName } from '../../topology/shapes/names.ts';
import { verb } from '../../verb-names.ts';
import { REPORT_FLAGS, SHAPE_NUMBERS } from '../flags.ts';
import { assertWritable, writeOutput } from '../output-file.ts';
import type { Verb } from '../verb.ts';

export const bench: Verb = {
  description:
    `Makes a lab of the shape in namespaces of its own, runs ${verb('up')} a second time, and removes the lab; again and again, each ` +
    'time as a process of its own. It touches nothing else on the machine, but what else runs there shows in the figures.',
  arguments: [
    { name: '<shape>', description: `which shape, as for ${verb('generate')}`, choices: Object.keys(SHAPES) },
  ],
  flags: [...SHAPE_NUMBERS, 'workers', 'rounds', 'html', ...REPORT_FLAGS],
  examples: [
    ['bench circulant --nodes 100 --links 4', '400 links, three times'],
    [
      'bench circulant --nodes 1000 --links 10 --bridge-mode direct --rounds 1 --html direct.html',
      '10,000 links, as a page',
    ],
  ],
  async run(context, options, [shape]) {
    const [{ bench: measure }, { onInterrupt }, { withReporter, writeDocument }, { benchHtml, benchText }] =
      await Promise.all([
        import('../../lab/bench/bench.ts'),
        import('../interrupt.ts'),
        import('../reporting.ts'),
        import('../../report/chart/bench.ts'),
      ]);
    if (options.html !== undefined) await assertWritable('--html', options.html, true);
    const report = await withReporter(context, options, async (emit) => {
      using interrupt = onInterrupt(context, emit, 'removing the lab');
      const request = {
        shape: shape as ShapeName,
        options: { ...options, runtime: 'netns' as const, mode: options.bridgeMode, mtuBytes: options.mtu },
        rounds: options.rounds,
        workers: options.workers,
      };
      return await measure(request, emit, interrupt.signal);
    });
    if (options.html !== undefined) await writeOutput('--html', options.html, benchHtml(report));
    if (options.json) writeDocument(context, { schemaVersion: 1, verb: 'bench', ...report });
    else context.out.write(benchText(report, context.out));
    return EXIT.done;
  },
};
