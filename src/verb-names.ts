/** The names of the verbs, for hints that name one: a hint with a verb that does not exist does not compile. */

/** `src/cli/verbs.ts` has an entry for each, and for no other. */
export type VerbName =
  | ('up' | 'down' | 'plan' | 'status' | 'exec' | 'daemon' | 'bench')
  | ('validate' | 'config' | 'schema' | 'generate' | 'graph' | 'mdc')
  | ('completion' | 'version');

/** A verb as messages write it, with arguments if there are any: `` `up` ``, `` `down --lab NAME` ``. */
export function verb(name: VerbName, args = ''): string {
  return `\`${args === '' ? name : `${name} ${args}`}\``;
}

/** A whole command line as messages write it: `` `linkloom status --all` ``. */
export function commandLine(name: VerbName, args = ''): string {
  return `\`linkloom ${args === '' ? name : `${name} ${args}`}\``;
}
