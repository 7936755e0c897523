/** A configured command in a container: its output as lines for people, its exit status said. */
import { StringDecoder } from 'node:string_decoder';
import type { Emit } from '../events.ts';
import type { CommandSpec } from '../topology/topology.ts';
import type { ContainerEngine, OutputStream } from './engine.ts';

/** Whatever can run a program in a node: an engine, or (netns-exec.ts) the machine itself. */
export type Runner = Pick<ContainerEngine, 'exec'>;

/** A string goes to the container's shell, a list is the program and its arguments. */
export function argvOf(command: CommandSpec['command']): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

/**
 * Runs a command and emits its output line by line (`commandOutput`, without line ends) as it comes. An exit status
 * other than 0, or a command that can't be run, is a warning. Returns the exit status; null if there is none, also
 * after `signal` (the command goes on in its container). Never throws.
 */
export async function runCommand(
  engine: Runner,
  container: { readonly id: string; readonly name: string },
  command: CommandSpec['command'],
  emit: Emit,
  signal: AbortSignal,
): Promise<number | null> {
  const argv = argvOf(command);
  const shown = JSON.stringify(argv);
  const node = container.name;
  emit({ type: 'notice', message: `Exec command in ${node}: ${shown}` });
  const warn = (message: string): void => emit({ type: 'diagnostic', diagnostic: { severity: 'warning', message } });
  const line = (text: string): void => emit({ type: 'commandOutput', node, text });
  const streams = { stdout: createLineReader(line), stderr: createLineReader(line) };
  try {
    const onOutput = (stream: OutputStream, bytes: Buffer): void => streams[stream].push(bytes);
    const status = await engine.exec(container.id, argv, { onOutput, signal });
    if (status !== 0) warn(`command in ${node} ended with status ${status}: ${shown}`);
    return status;
  } catch (error) {
    if (!signal.aborted) warn(`command in ${node} could not be run: ${messageOf(error)}: ${shown}`);
    return null;
  } finally {
    streams.stdout.end();
    streams.stderr.end();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Longest line that is waited for; a longer one is given out in pieces. */
const MAX_LINE_CHARS = 65_536;

interface LineReader {
  push(bytes: Buffer): void;
  /** Gives out what is left without a line end. */
  end(): void;
}

/** Bytes cut anywhere → lines. `\r\n` counts as a line end, as terminals send it. */
export function createLineReader(onLine: (text: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    for (; rest.length > MAX_LINE_CHARS; rest = rest.slice(MAX_LINE_CHARS)) onLine(rest.slice(0, MAX_LINE_CHARS));
  };
  return {
    push: (bytes) => take(decoder.write(bytes)),
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
