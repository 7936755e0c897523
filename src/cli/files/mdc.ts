/** `mdc` makes one compose project from modes. */
import { EXIT } from '../../errors.ts';
import { withReporter } from '../reporting.ts';
import type { Verb } from '../verb.ts';

export const mdc: Verb = {
  description:
    'A mode is a folder in ./modes with any of: compose.yaml, `deps` (the modes that it needs), `env`, and files for ' +
    'containers in NAME/files. Writes .env (COMPOSE_FILE, COMPOSE_PROFILES, MDC_MODE_NAME=enabled…) and .files, then runs ' +
    '`docker compose` with the arguments that follow. The environment can name other places: MODES_DIR (several with `:`), ENV_FILE, ' +
    'MDC_FILES_DIR, DOCKER_COMPOSE.',
  arguments: [
    {
      name: '<modes>',
      mayBeEmpty: true,
      description: 'modes, separated by commas or spaces; `a|b` is any one of them, `+a` comes first if it is used',
    },
    { name: '[compose-args...]', description: 'arguments for compose; without any, only the files are written' },
  ],
  flags: ['resolve', 'progress', 'verbose'],
  examples: [
    ['mdc base,nodes2,web up -d', 'start the three modes and what they need'],
    ['mdc --resolve paths all', 'which modes `all` stands for, and their folders'],
  ],
  exitNotes: [
    "compose's own",
    '1  there is no such mode, or a file can not be read or written',
    '2  the command line is wrong',
    '3  there is no compose',
  ],
  passThrough: true,
  async run(context, options, [modes = '', ...composeArgs]) {
    const [{ assembleModes, resolveModes, settingsFrom }, { formatResolution }, { runCompose }] = await Promise.all([
      import('../../mdc/mdc.ts'),
      import('../../mdc/formats.ts'),
      import('../../mdc/compose.ts'),
    ]);
    const settings = { ...settingsFrom(context.env), modes, composeArgs };
    if (options.resolve) {
      context.out.write(`${formatResolution(resolveModes(modes, settings.modesDir), options.resolve)}\n`);
      return EXIT.done;
    }
    await withReporter(context, options, async (emit) => assembleModes(settings, emit));
    if (composeArgs.length === 0) return EXIT.done;
    return await runCompose(settings.dockerCompose, settings.envFile, composeArgs);
  },
};
