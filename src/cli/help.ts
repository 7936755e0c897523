/** Writes what help says after the options: examples and exit statuses. */
import { bareCommandLine, commandLine, verb } from '../verb-names.ts';
import type { Verb } from './verb.ts';

const EXIT_STATUS = `Exit status:
  0    done
  1    something failed, or the configuration is invalid
  2    the command line is wrong
  3    something is missing: a privilege, a socket, a program, a kernel feature
  4    there are differences (only with --detailed-exitcode)
  130  interrupted (143: terminated); what was begun is finished or undone, or it says what is left`;

/** The text after the help of `linkloom` itself. */
export const ROOT_TAIL = `
Examples:
  ${bareCommandLine('up', '-f lab.yaml')}         make the links of lab.yaml
  ${bareCommandLine('plan', '-f lab.yaml')}       what ${verb('up')} would do, and why
  ${bareCommandLine('status')}                 each link as wanted and as it is
  ${bareCommandLine('down', '--lab lab')}         remove all of it again
  linkloom --compose-file compose.yaml
                                  the daemon, called as conlink is

\`linkloom VERB --help\` lists the options of a verb. Every option can be given in the environment:
--default-mtu as LINKLOOM_DEFAULT_MTU, and so on. Without a verb: see ${commandLine('daemon', '--help')}.

${EXIT_STATUS}`;

/** The text after the help of a verb. */
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
