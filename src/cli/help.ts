/** What help says after the options: examples and exit statuses. */
import { commandLine, verb } from '../verb-names.ts';
import type { Verb } from './verb.ts';

const EXIT_STATUS = `Exit status:
  0    done
  1    something failed, or the configuration is invalid
  2    the command line is wrong
  3    the environment is not fit: privilege, socket, kernel feature
  4    there are differences (only with --detailed-exitcode)
  130  interrupted (143: terminated), after a clean undo or a stated remainder`;

/** After the help of `linkloom` itself. */
export const ROOT_TAIL = `
Examples:
  linkloom up -f lab.yaml         make the links of lab.yaml real
  linkloom plan -f lab.yaml       what ${verb('up')} would do, and why
  linkloom status                 each link as wanted and as it is
  linkloom down --lab lab         take all of it away again
  linkloom --compose-file compose.yaml
                                  the daemon, as conlink is called

\`linkloom VERB --help\` tells the options of a verb. Every option can be given in the environment:
--default-mtu as LINKLOOM_DEFAULT_MTU, and so on. Without a verb: see ${commandLine('daemon', '--help')}.

${EXIT_STATUS}`;

/** After the help of a verb. */
export function helpTail(verb: Verb): string {
  const parts: string[] = [];
  if (verb.examples.length > 0) {
    const lines = verb.examples.map(([line, effect]) => `  linkloom ${line}\n      ${effect}\n`);
    parts.push(`\nExamples:\n${lines.join('')}`);
  }
  if (verb.exitNotes) parts.push(`\nExit status:\n${verb.exitNotes.map((note) => `  ${note}\n`).join('')}`);
  else parts.push('\nExit statuses: see `linkloom --help`.\n');
  return parts.join('').trimEnd();
}
