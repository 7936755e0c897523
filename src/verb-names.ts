/** The names of the verbs, for help and hints. A text that names a verb which does not exist does not compile. */

/** `src/cli/verbs.ts` has an entry for each of these, and for no other. */
export type VerbName =
  | (
      | 'up'
      | 'down'
      | 'plan'
      | 'status'
      | 'set'
      | 'reset'
      | 'play'
      | 'verify'
      | 'check'
      | 'doctor'
      | 'events'
      | 'daemon'
      | 'health'
      | 'bench'
      | 'run'
    )
  | 'capture'
  | ('exec' | 'shell' | 'logs' | 'cp' | 'restart' | 'wait' | 'inventory')
  | ('validate' | 'config' | 'schema' | 'generate' | 'import' | 'export' | 'graph' | 'mdc')
  | ('hosts' | 'rebalance')
  | ('completion' | 'version');

/** A verb as messages write it, with or without arguments: `` `up` ``, `` `down --lab NAME` ``. */
export function verb(name: VerbName, args = ''): string {
  return `\`${args === '' ? name : `${name} ${args}`}\``;
}

/** A whole command line as messages write it: `` `linkloom status --all` ``. */
export function commandLine(name: VerbName, args = ''): string {
  return `\`${bareCommandLine(name, args)}\``;
}

/** A whole command line without quotes, for examples: `linkloom status --all`. */
export function bareCommandLine(name: VerbName, args = ''): string {
  return `linkloom ${args === '' ? name : `${name} ${args}`}`;
}
