/** `exec`: a program in a node, with this terminal; or in many nodes at once. */

import { LinkloomError } from '../../errors.ts';
import type { FoundNode } from '../../lab/with-nodes/find.ts';
import { commandLine } from '../../verb-names.ts';
import { LAB_FLAGS, type Options, REPORT_FLAGS } from '../flags.ts';
import type { Context, Verb } from '../verb.ts';

export const exec: Verb = {
  description:
    'Runs a program in a node, with this terminal, and exits with its status. In a network namespace it runs as ' +
    'with `ip netns exec`: with /sys of that namespace, and with /etc/netns/NAME over /etc.\n\n' +
    'Several nodes, a glob or --all run it in all of them, without standard input, so many at a time; each line of output stands ' +
    'behind the name of its node, and who failed is told at the end. Options come before the nodes.',
  arguments: [
    {
      name: '<node>',
      description:
        'namespace, container or service of one replica; `netns/NAME` and `container/NAME` where a name is both; globs, and with -f or --lab all names, are of the lab',
    },
    {
      name: '[command...]',
      description: 'more nodes, `--`, then the program and its arguments; with --all no node is named',
    },
  ],
  flags: [...LAB_FLAGS, 'dockerSocket', 'podmanSocket', 'allNodes', 'parallel', ...REPORT_FLAGS],
  examples: [
    ['exec n0 -- ping -c 1 10.0.0.2', 'ping from node n0'],
    ['exec container/web_1 -- sh', 'a shell in the container web_1'],
    ['exec -f lab.yaml "leaf*" spine1 -- ip route', 'the routes of some nodes'],
    ['exec --lab ring --all -- ip -brief addr', 'in every node of a lab'],
  ],
  exitNotes: [
    'that of the program; 128 and the number of the signal that ended it; of many nodes, that of the first that failed',
    '126  the program can not be executed; 127  there is no such program',
    '1  there is no such node',
    '2  the command line is wrong, or the name is ambiguous',
    '3  no engine answers, or `ip` is missing',
  ],
  passThrough: true,
  async run(context, options, words) {
    const { names, argv } = splitWords(words, options.allNodes);
    if (argv.length === 0) {
      throw new LinkloomError('E_USAGE', 'there is no program to run', {
        hint: commandLine('exec', `${names[0] ?? (options.allNodes ? '--all' : 'NODE')} -- PROGRAM`),
      });
    }
    const [{ requestOf }, { withReporter }, { chooseNodes }, { isGlob }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../../lab/with-nodes/choose.ts'),
      import('../../config/nodes/pattern.ts'),
    ]);
    const choice = { names, all: options.allNodes };
    const nodes = await withReporter(context, options, (emit) =>
      chooseNodes(choice, requestOf(options, context), context.env, emit),
    );
    const [node] = nodes;
    const isOne = nodes.length === 1 && names.length === 1 && !names.some(isGlob) && !options.json;
    return isOne && node !== undefined
      ? await runInOne(node, argv, context)
      : await runInMany(nodes, argv, context, options);
  },
};

/** What stands before the first `--` is nodes. Without one, the first word is the node; with --all none is. */
function splitWords(
  words: readonly string[],
  all: boolean,
): { readonly names: readonly string[]; readonly argv: readonly string[] } {
  if (all) return { names: [], argv: words[0] === '--' ? words.slice(1) : words };
  const at = words.indexOf('--');
  if (at < 0) return { names: words.slice(0, 1), argv: words.slice(1) };
  return { names: words.slice(0, at), argv: words.slice(at + 1) };
}

async function runInOne(node: FoundNode, argv: readonly string[], context: Context): Promise<number> {
  const programs = await import('./program.ts');
  if (node.kind === 'netns') return await programs.runInNetns(node.name, argv, context);
  return await programs.runInContainer(node.engine, node.container, argv, context.out, context.err);
}

async function runInMany(
  nodes: readonly FoundNode[],
  argv: readonly string[],
  context: Context,
  options: Options,
): Promise<number> {
  const [
    { firstFailure, runInNodes },
    { endsJson, failedText, PrefixedLines },
    { onInterrupt },
    { withReporter, writeDocument },
  ] = await Promise.all([
    import('../../lab/with-nodes/run-many.ts'),
    import('../../report/many.ts'),
    import('../interrupt.ts'),
    import('../reporting.ts'),
  ]);
  const { out, err, env } = context;
  const lines = new PrefixedLines(
    nodes.map(({ label }) => label),
    out,
    err,
  );
  const tell = (type: string, what: object): void => writeDocument(context, { schemaVersion: 1, type, ...what });
  const ends = await withReporter(context, options, async (emit) => {
    using interrupt = onInterrupt(context, emit, 'ending the programs');
    return await runInNodes(nodes, argv, {
      ...{ env, parallel: options.parallel, signal: interrupt.signal },
      onLine: (node, stream, line) =>
        options.json ? tell('output', { node, stream, line }) : lines.write(node, stream, line),
      onEnd: (end) => {
        if (options.json) tell('end', end);
      },
    });
  });
  if (options.json) writeDocument(context, endsJson(ends));
  else err.write(failedText(ends, err));
  return firstFailure(ends);
}
