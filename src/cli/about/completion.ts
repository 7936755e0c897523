/**
 * `completion` prints a completion script for a shell, made from the tree of verbs and options. Only for the
 * links of a lab does the script run linkloom.
 */
import { EXIT } from '../../errors.ts';
import type { Verb } from '../verb.ts';
import { SHELLS, type Shell } from './shells.ts';

export const completion: Verb = {
  arguments: [{ name: '<shell>', description: 'which shell', choices: SHELLS }],
  flags: [],
  examples: [
    ['completion bash > /etc/bash_completion.d/linkloom', 'for all users of bash'],
    ['completion fish > ~/.config/fish/completions/linkloom.fish', 'for fish'],
  ],
  async run({ out }, _options, args, command) {
    const { completionScript } = await import('./scripts.ts');
    if (command.parent) out.write(completionScript(args[0] as Shell, command.parent));
    return EXIT.done;
  },
};
