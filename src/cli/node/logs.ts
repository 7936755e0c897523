/** `logs`: what nodes have written. */
import { EXIT, LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { LAB_FLAGS, REPORT_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const logs: Verb = {
  description:
    'Shows the logs of containers, as their engine keeps them, and of the `run:` programs of namespaces. Of one container or program ' +
    'the lines stand alone, of several each behind the name of its node.',
  arguments: [{ name: '[node...]', description: 'as of `exec`' }],
  flags: [...LAB_FLAGS, 'dockerSocket', 'podmanSocket', 'allNodes', 'follow', 'tail', 'since', ...REPORT_FLAGS],
  examples: [
    ['logs -f lab.yaml r1 --tail 20', 'the end of it'],
    ['logs --lab clos --all --follow', 'of all nodes, as it comes'],
    ['logs web_1 --since 10m', 'of the last ten minutes'],
  ],
  exitNotes: [
    '0  shown; with --follow: interrupted, or all have ended',
    '1  there is no such node, or it keeps no log',
  ],
  async run(context, options, names) {
    if (names.length === 0 && !options.allNodes) {
      throw new LinkloomError('E_USAGE', 'no node is named', { hint: `${commandLine('logs', 'NODE')}, or --all` });
    }
    const [
      { requestOf },
      { onInterrupt },
      { OutputReader },
      { withReporter, writeDocument },
      { chooseNodes },
      source,
      { PrefixedLines },
    ] = await Promise.all([
      import('../request.ts'),
      import('../interrupt.ts'),
      import('../reader.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/choose.ts'),
      import('../../lab/with-nodes/logs.ts'),
      import('../../report/many.ts'),
    ]);
    const { out, err, env } = context;
    return await withReporter(context, options, async (emit) => {
      const request = requestOf(options, context);
      const nodes = await chooseNodes({ names, all: options.allNodes }, request, env, emit);
      const wanted = { follow: options.follow, tail: options.tail ?? null, sinceS: options.since ?? null };
      const sources = source.logSources(nodes, wanted);
      const lines = new PrefixedLines(
        sources.map(({ name }) => name),
        out,
        err,
      );
      const onLine = (from: string, stream: 'stdout' | 'stderr', text: string): void => {
        if (options.json) writeDocument(context, { schemaVersion: 1, node: from, stream, line: text });
        else if (sources.length > 1) lines.write(from, stream, text);
        else (stream === 'stdout' ? out : err).write(`${text}\n`);
      };
      using interrupt = onInterrupt(context, () => {}, '');
      await using reader = options.follow ? new OutputReader(context) : null;
      const signal = reader === null ? interrupt.signal : AbortSignal.any([interrupt.signal, reader.signal]);
      await Promise.all(sources.map(({ read }) => read({ ...wanted, onLine, signal })));
      return EXIT.done;
    });
  },
};
