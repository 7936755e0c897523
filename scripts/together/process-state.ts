/** What a file of tests may change in a process, and the next file would see. */

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH', 'uncaughtException', 'unhandledRejection'];

/** What → its value, as text. */
export type ProcessState = ReadonlyMap<string, string>;

export function stateOfProcess(): ProcessState {
  return new Map([
    ['the working directory', process.cwd()],
    ['the arguments', JSON.stringify(process.argv)],
    ...EVENTS.map((event) => [`listeners of ${event}`, String(process.listenerCount(event))] as const),
    ...Object.entries(process.env).map(([name, value]) => [`the variable ${name}`, String(value)] as const),
    ...Object.getOwnPropertyNames(globalThis).map((name) => [`the global ${name}`, 'there'] as const),
  ]);
}

/** A line per difference: `the variable HOME: /root, then none`. */
export function differences(before: ProcessState, after: ProcessState): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    const [was, is] = [before.get(what) ?? 'none', after.get(what) ?? 'none'];
    return was === is ? [] : [`${what}: ${was}, then ${is}`];
  });
}
