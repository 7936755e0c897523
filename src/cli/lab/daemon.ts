/** `daemon`, also called without a verb, makes the links of what runs, then follows the engines until it is stopped. */

import { EXIT, LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import { API_FLAGS, NODE_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const daemon: Verb = {
  description:
    "Makes the links of what runs, prints `All links connected`, then follows Docker's and Podman's events and the " +
    'files of the configuration. SIGHUP makes it read the files again. SIGTERM and SIGINT remove the lab and exit 0. Without ' +
    'a verb it takes the same options, and does not look for files.',
  flags: [
    ...SOURCE_FLAGS,
    'configSchema',
    ...NODE_FLAGS,
    'prune',
    'reload',
    ...API_FLAGS,
    'preflight',
    ...STORE_FLAGS,
    'host',
    'hostAddress',
    'hostLabel',
    'showConfig',
    'progress',
    'verbose',
  ],
  examples: [
    ['--compose-file compose.yaml', 'as the `network` service of a compose file calls it'],
    ['daemon -f lab.yaml', 'the same, with a verb'],
    ['--compose-file compose.yaml --show-config', 'the configuration with its defaults, as one line of JSON'],
  ],
  exitNotes: [
    '0  it was stopped by SIGTERM or SIGINT, and the lab is removed',
    '1  it could not start: the configuration is invalid, or another linkloom works on the lab',
    '2  the command line is wrong, or no file is given',
    '3  no engine answers, or a privilege is missing',
    '130  it was interrupted while it loaded (143: terminated): nothing was changed',
  ],
  async run(context, options) {
    if (options.store !== undefined) return await (await import('../hosts/daemon.ts')).agentOfHost(context, options);
    const files = [...options.file, ...options.networkFile, ...options.composeFile];
    if (context.bare && files.length === 0) {
      throw new LinkloomError('E_USAGE', 'either --network-file or --compose-file is required', {
        hint: `\`linkloom --help\` shows the verbs, ${commandLine('daemon', '--help')} the options without one`,
      });
    }
    const [{ noteSchema, requestOf }, { withReporter, writeDocument }, { onHangup, onInterrupt }] = await Promise.all([
      import('../request.ts'),
      import('../reporting.ts'),
      import('../interrupt.ts'),
    ]);
    return await withReporter(context, options, async (emit, links) => {
      const request = requestOf(options, context);
      noteSchema(options, emit);
      if (options.showConfig) {
        const [{ load }, { showConfig }] = await Promise.all([
          import('../../lab/load.ts'),
          import('../../topology/show-config.ts'),
        ]);
        writeDocument(context, showConfig(await load(request, emit)));
        return EXIT.done;
      }
      const [{ followLab }, { serveOf, takeNotifySocket }] = await Promise.all([
        import('../../daemon/follow-lab.ts'),
        import('./serve.ts'),
      ]);
      const serve = await serveOf(options);
      const notifySocket = takeNotifySocket(context.env);
      using interrupt = onInterrupt(context, emit, 'removing the lab');
      using hangups = onHangup();
      const following = {
        atEnd: 'remove',
        reload: options.reload,
        onHangup: hangups.listen,
        serve,
        notifySocket,
      } as const;
      await interrupt.whileLoading((tell) =>
        followLab(request, { emit: tell, signal: interrupt.signal, links: links('following') }, following),
      );
      return EXIT.done;
    });
  },
};
