/** Runs a command in a container through the engine's exec calls. */
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { LinkloomError } from '../errors.ts';
import type { ExecOptions, OnOutput, OutputStream, Terminal } from './engine.ts';
import { StartWatch } from './exec-start.ts';

/** The engine closes the output a moment before it knows the exit status. */
const STATUS_POLL_MS = 20;
const STATUS_POLLS = 100;
/** Longest wait for a call that the engine answers at once. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Aborts a call when it is not answered in time, or when the caller's signal aborts. */
function answerSignal(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

/**
 * Runs `argv` and returns its exit status once all output has come. With a terminal, standard input
 * is passed on (its end too, which closes the command's) and the container's terminal follows the caller's size. A program that is
 * missing ends with 127, one that can't be executed with 126; why is on standard error.
 * Throws dockerode's errors as they are.
 */
export async function execIn(
  container: Docker.Container,
  argv: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { terminal } = options;
  const tty = terminal?.tty ?? false;
  const exec = await container.exec({
    Cmd: [...argv],
    AttachStdin: terminal !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: tty,
    ...startingSize(terminal),
    abortSignal: answerSignal(options.signal),
  });
  const start = { Tty: tty, hijack: terminal !== undefined, stdin: terminal !== undefined };
  const stream = await exec.start({ ...start, ...(options.signal && { abortSignal: options.signal }) });
  const watch = new StartWatch(options.onOutput);
  if (tty) stream.on('data', (bytes: Buffer) => watch.onOutput('stdout', bytes));
  else container.modem.demuxStream(stream, outputSink('stdout', watch.onOutput), outputSink('stderr', watch.onOutput));
  using _ = terminal === undefined ? NOTHING_HELD : passThrough(exec, stream, terminal);
  await finished(stream, { writable: false });
  return watch.end(await exitStatusOf(exec, options.signal));
}

/**
 * The size that the terminal has from the program's first moment. Engines before API 1.42 pass over it: there a program may see
 * 0 rows until the first resize has come.
 */
function startingSize(terminal: Terminal | undefined): { ConsoleSize?: [number, number] } {
  if (terminal === undefined || !terminal.tty) return {};
  const { rows, columns } = terminal.size();
  return { ConsoleSize: [rows, columns] };
}

const NOTHING_HELD: Disposable = { [Symbol.dispose]: () => {} };

/** A stream that passes one of a command's two output streams to `onOutput`. */
export function outputSink(name: OutputStream, onOutput: OnOutput): Writable {
  return new Writable({
    write(bytes: Buffer, _encoding, done) {
      onOutput(name, bytes);
      done();
    },
  });
}

function passThrough(exec: Docker.Exec, stream: NodeJS.WritableStream, terminal: Terminal): Disposable {
  terminal.stdin.pipe(stream);
  const resize = (): void => {
    const { rows, columns } = terminal.size();
    // The engine refuses if the command has just ended.
    exec.resize({ h: rows, w: columns }).catch(() => {});
  };
  if (terminal.tty) resize();
  const listening = terminal.tty ? terminal.onResize(resize) : NOTHING_HELD;
  return {
    [Symbol.dispose]: () => {
      listening[Symbol.dispose]();
      terminal.stdin.unpipe(stream);
    },
  };
}

async function exitStatusOf(exec: Docker.Exec, signal: AbortSignal | undefined): Promise<number> {
  for (let poll = 0; poll < STATUS_POLLS; poll++) {
    const { Running: running, ExitCode: exitCode } = await exec.inspect({ abortSignal: answerSignal(signal) });
    if (!running && exitCode !== null) return exitCode;
    await delay(STATUS_POLL_MS);
  }
  throw new LinkloomError('E_ENGINE', 'the engine does not tell the exit status of a command that has ended');
}
